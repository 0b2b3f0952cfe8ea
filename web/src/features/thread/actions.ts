import { api } from "../../api/calls";
import { isProblem, Unreachable } from "../../api/problem";
import type { AgentRef, Dialog, Message } from "../../api/types";
import { navigate } from "../../app/router";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { refusalText, troubleText } from "../../i18n/refusal";
import { mergeDialog, mergeMessage } from "../../realtime/store";
import { say } from "../../ui/toast";
import { contactName } from "../inbox/names";

/** Make ``agentId`` responsible; tells who won when somebody else was quicker.  True when it was done. */
export async function assign(dialog: Dialog, agentId: string | null): Promise<boolean> {
  return attempt(async () => mergeDialog(await api.assign(dialog.id, agentId, dialog.assignee?.id ?? null)));
}

export async function take(dialog: Dialog): Promise<boolean> {
  return assign(dialog, currentSession().agent.id);
}

export async function closeDialog(dialog: Dialog): Promise<boolean> {
  const isDone = await attempt(async () => mergeDialog(await api.close(dialog.id)));
  if (isDone) {
    const undo = { label: t("thread.reopen"), run: () => void reopenDialog(dialog) };
    say(t("action.closed", { name: contactName(dialog.contact) }), undo);
  }
  return isDone;
}

export async function reopenDialog(dialog: Dialog): Promise<boolean> {
  return attempt(async () => mergeDialog(await api.reopen(dialog.id)));
}

export async function retryMessage(message: Message): Promise<void> {
  await attempt(async () => mergeMessage(await api.retryMessage(message.dialogId, message.id)));
}

/** Put an emoji on a customer's message, in the place of ours that is there; null takes ours back. */
export async function react({ dialogId, id }: Message, emoji: string | null): Promise<void> {
  await attempt(async () =>
    mergeMessage(
      await (emoji === null ? api.takeReactionBack(dialogId, id) : api.react(dialogId, id, emoji)),
    ),
  );
}

/** Ask for a customer's file once more; what comes of it is told by an event. */
export async function fetchAgain(attachmentId: string): Promise<void> {
  await attempt(() => api.fetchAttachment(attachmentId));
}

async function attempt(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    explain(error);
    return false;
  }
}

interface Refusal {
  assignee?: AgentRef | null;
  /** Null where this agent may not see it any more. */
  dialog?: Dialog | null;
  dialogId?: string;
  number?: number;
}

function explain(error: unknown): void {
  if (error instanceof Unreachable) {
    say(troubleText(error));
    return;
  }
  if (!isProblem(error)) throw error;
  const refusal = error.body as Refusal;
  if (refusal.dialog) mergeDialog(refusal.dialog);
  switch (error.code) {
    case "already_assigned":
      say(refusal.assignee ? t("action.lost-race", { name: refusal.assignee.name }) : t("action.given-back"));
      break;
    case "already_closed":
      say(t("action.already-closed"));
      break;
    case "not_closed":
      say(t("action.not-closed"));
      break;
    case "newer_dialog_open":
      say(t("action.newer-open", { number: `#${refusal.number ?? ""}` }));
      if (refusal.dialogId !== undefined) navigate(`/inbox/${refusal.dialogId}`);
      break;
    default:
      say(refusalText(error));
  }
}
