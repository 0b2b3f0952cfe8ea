import { signal } from "@preact/signals";

import { api } from "../../api/calls";
import { isProblem, Unreachable } from "../../api/problem";
import type { Dialog, Message } from "../../api/types";
import { session } from "../../app/session";
import { t } from "../../i18n";
import { refusalText } from "../../i18n/refusal";
import { whenLive } from "../../realtime/connection";
import { mergeDialog, mergeMessage } from "../../realtime/store";
import { newKey } from "./key";
import { type PendingMessage, readOutbox, writeOutbox } from "./outbox-storage";

const RETRY_MS = 5_000;

/** Messages that the server has not confirmed yet, oldest first. */
export const outbox = signal<readonly PendingMessage[]>([]);

const pumping = new Set<string>();

/** Take up what an earlier page left, and send again whenever the connection comes back. */
export function startOutbox(): () => void {
  const agentId = session.peek()?.agent.id;
  if (agentId !== undefined) outbox.value = readOutbox(agentId);
  const stopListening = whenLive(resendWaiting);
  const timer = setInterval(resendWaiting, RETRY_MS);
  return () => {
    stopListening();
    clearInterval(timer);
    outbox.value = [];
  };
}

export function pendingOf(dialogId: string): PendingMessage[] {
  return outbox.value.filter((one) => one.dialogId === dialogId);
}

export function post(message: Omit<PendingMessage, "key" | "state" | "createdAt">): void {
  keep([
    ...outbox.peek(),
    { ...message, key: newKey(), state: "queued", createdAt: new Date().toISOString() },
  ]);
  void pump(message.dialogId);
}

export function discard(key: string): void {
  keep(outbox.peek().filter((one) => one.key !== key));
}

/** Try again at once: the same message, so the same key. */
export function resend({ key, dialogId }: PendingMessage): void {
  change(key, { state: "queued", reason: undefined });
  void pump(dialogId);
}

/** Send although the dialog moved on: another request than the one that was refused, so another key. */
export function sendAnyway({ key, dialogId }: PendingMessage): void {
  change(key, { key: newKey(), state: "queued", seenSeq: null, missed: undefined });
  void pump(dialogId);
}

function resendWaiting(): void {
  const waiting = outbox.peek().filter((one) => one.state === "waiting");
  for (const one of waiting) change(one.key, { state: "queued" });
  for (const dialogId of new Set(waiting.map((one) => one.dialogId))) void pump(dialogId);
}

/** Send what is queued in one dialog, one after the other: what was written first goes first. */
async function pump(dialogId: string): Promise<void> {
  if (pumping.has(dialogId)) return;
  pumping.add(dialogId);
  try {
    await sendQueued(dialogId);
  } finally {
    pumping.delete(dialogId);
  }
}

async function sendQueued(dialogId: string): Promise<void> {
  const next = outbox
    .peek()
    .find((one) => one.dialogId === dialogId && one.state !== "refused" && one.state !== "moved_on");
  if (next?.state !== "queued") return;
  await send(next);
  await sendQueued(dialogId);
}

async function send(message: PendingMessage): Promise<void> {
  const { key, dialogId, kind, text, attachments, seenSeq, replyTo, template } = message;
  change(key, { state: "sending" });
  try {
    const body = {
      kind,
      text: template === undefined ? text : "",
      attachmentIds: attachments.map((one) => one.id),
      replyTo: replyTo ?? undefined,
      quickReplies: message.quickReplies ?? [],
      linkButtons: message.linkButtons ?? [],
      seenSeq: seenSeq ?? undefined,
      template,
    };
    mergeMessage(await api.sendMessage(dialogId, body, key));
    discard(key);
  } catch (error) {
    if (error instanceof Unreachable) change(key, { state: "waiting" });
    else if (isProblem(error, "dialog_moved_on")) noteMovedOn(key, error.body as MovedOn);
    else if (isProblem(error) && error.status !== 401)
      change(key, { state: "refused", reason: refusalText(error) || t("outbox.refused") });
    else change(key, { state: "waiting" });
  }
}

interface MovedOn {
  missed?: Message[];
  dialog?: Dialog;
}

function noteMovedOn(key: string, body: MovedOn): void {
  const missed = body.missed ?? [];
  for (const message of missed) mergeMessage(message);
  if (body.dialog !== undefined) mergeDialog(body.dialog);
  change(key, { state: "moved_on", missed: missed.map((message) => message.id) });
}

function change(key: string, changes: Partial<PendingMessage>): void {
  keep(outbox.peek().map((one) => (one.key === key ? { ...one, ...changes } : one)));
}

function keep(next: readonly PendingMessage[]): void {
  outbox.value = next;
  const agentId = session.peek()?.agent.id;
  if (agentId !== undefined) writeOutbox(agentId, next);
}
