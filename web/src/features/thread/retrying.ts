import type { Message } from "../../api/types";
import { now } from "../../app/clock";
import { currentSession } from "../../app/session";
import { inbox } from "../../realtime/store";
import { replyLock, takesTemplate } from "../composer/limits";
import { rightsFor } from "./rights";

/** Whether the server would take a retry; why not is said where the reply would be written. */
export function canRetry({ dialogId }: Message): boolean {
  const dialog = inbox.value.dialogs.get(dialogId);
  if (dialog === undefined) return false;
  const channel = inbox.value.channels.get(dialog.channel.id);
  const lock = replyLock(dialog, rightsFor(dialog, currentSession()).reply, now.value, channel);
  // A template may go when the time for replies is over, and only the server knows which message was one.
  return lock === null || takesTemplate(lock, dialog, channel?.capabilities);
}
