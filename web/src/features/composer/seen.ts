import type { Dialog } from "../../api/types";
import { isNewer, newest } from "../../realtime/seq";
import { inbox } from "../../realtime/store";

/** The newest change of a dialog that is on the screen. */
export function newestSeq(dialog: Dialog): string {
  const messages = inbox.peek().messages.get(dialog.id)?.values() ?? [];
  return [...messages].reduce((seq, message) => newest(seq, message.seq), dialog.seq);
}

export function newestMessageId(dialog: Dialog): string {
  const ids = inbox.peek().messages.get(dialog.id)?.keys() ?? [];
  return [...ids].reduce((id, next) => (isNewer(next, id) ? next : id), "0");
}
