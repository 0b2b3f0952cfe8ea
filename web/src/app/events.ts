import type { Message } from "../api/types";
import { contactName } from "../features/inbox/names";
import { forgetThread } from "../features/thread/load";
import { reactionTrouble } from "../features/thread/reaction-text";
import { t } from "../i18n";
import type { EventFrame } from "../realtime/frames";
import { announce } from "../ui/announcer";
import { session } from "./session";

/** What the console does about an event, besides showing the new state. */
export function whenEvent(frame: EventFrame): void {
  if (frame.name === "dialog.hidden") forgetThread(frame.data.id);
  announceEvent(frame);
}

/** Tell those who do not see the screen what came for them, or for anybody. */
function announceEvent(frame: EventFrame): void {
  if (frame.name === "message.updated") announceReaction(frame.data.message);
  if (frame.name !== "message.received" && frame.name !== "dialog.created") return;
  const { assignee, contact } = frame.data.dialog;
  if (assignee !== null && assignee.id !== session.peek()?.agent.id) return;
  const key = frame.name === "dialog.created" ? "inbox.new-dialog" : "inbox.new-message";
  announce(t(key, { name: contactName(contact) }), frame.data.dialog.id);
}

/** A reaction of one's own that came to nothing: it is said long after the button was pressed. */
function announceReaction(message: Message): void {
  const { ownReaction } = message;
  if (ownReaction === null || ownReaction.agent.id !== session.peek()?.agent.id) return;
  const trouble = reactionTrouble(ownReaction);
  if (trouble !== null) announce(trouble, `reaction ${message.id}`);
}
