import { contactName } from "../features/inbox/names";
import { t } from "../i18n";
import type { EventFrame } from "../realtime/frames";
import { announce } from "../ui/announcer";
import { session } from "./session";

/** Tell those who do not see the screen what came for them, or for anybody. */
export function noticeEvent(frame: EventFrame): void {
  if (frame.name !== "message.received" && frame.name !== "dialog.created") return;
  const { assignee, contact } = frame.data.dialog;
  if (assignee !== null && assignee.id !== session.peek()?.agent.id) return;
  const key = frame.name === "dialog.created" ? "inbox.new-dialog" : "inbox.new-message";
  announce(t(key, { name: contactName(contact) }));
}
