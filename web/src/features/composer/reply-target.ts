import { signal } from "@preact/signals";

import type { Message } from "../../api/types";
import { currentSession } from "../../app/session";
import { inbox } from "../../realtime/store";
import { rightsFor } from "../thread/rights";
import { beginWriting } from "./focus";

/** Dialog → the message in it that the reply being written answers. */
const targets = signal<ReadonlyMap<string, string>>(new Map());

export function targetOf(dialogId: string): string | null {
  return targets.value.get(dialogId) ?? null;
}

export function setTarget(dialogId: string, messageId: string | null): void {
  const next = new Map(targets.peek());
  if (messageId === null) next.delete(dialogId);
  else next.set(dialogId, messageId);
  targets.value = next;
}

/** Begin a reply to this message. */
export function answerMessage(message: Message): void {
  setTarget(message.dialogId, message.id);
  beginWriting("message");
}

/** Whether the customer would see the quote: the channel has it, and the provider has a name for the message. */
export function canBeAnswered(message: Message): boolean {
  if (message.kind === "note" || message.externalId === null || message.deletedAt !== null) return false;
  const dialog = inbox.value.dialogs.get(message.dialogId);
  if (dialog === undefined || !rightsFor(dialog, currentSession()).reply) return false;
  return inbox.value.channels.get(dialog.channel.id)?.capabilities.replyTo === true;
}
