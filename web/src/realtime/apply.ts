import type { EventFrame } from "./frames";
import { putActivity, putAgent, putChannel, putDialog, putMessage, putRead } from "./merge";
import { renameAgent, renameChannel } from "./rename";
import { isNewer } from "./seq";
import { type InboxState, withItem, withoutItem } from "./state";

/** The state after one event.  Pure; an event that is already in the state changes nothing. */
export function applyEvent(state: InboxState, frame: EventFrame): InboxState {
  switch (frame.name) {
    case "dialog.created": {
      const { dialog, activity } = frame.data;
      return putActivity(
        putDialog(putRead(seen(state, dialog.id, frame.seq), dialog.id, 0), dialog),
        activity,
      );
    }
    case "dialog.assigned":
    case "dialog.closed":
    case "dialog.reopened":
    case "contact.changed": {
      const { dialog, activity } = frame.data;
      return putActivity(putDialog(seen(state, dialog.id, frame.seq), dialog), activity);
    }
    case "dialog.updated":
      return putDialog(seen(state, frame.data.dialog.id, frame.seq), frame.data.dialog);
    case "message.received":
    case "message.added": {
      const { dialog, message } = frame.data;
      return putMessage(putDialog(seen(state, dialog.id, frame.seq), dialog), message);
    }
    case "message.updated":
      return putMessage(state, frame.data.message);
    case "dialog.read":
      return putRead(state, frame.data.dialogId, frame.data.inboundCount);
    case "dialog.hidden":
      return hide(state, frame.data.id, frame.seq);
    case "channel.updated":
      return renameChannel(putChannel(state, frame.data.channel), frame.data.channel);
    case "agent.updated":
      return renameAgent(putAgent(state, frame.data.agent), frame.data.agent);
    default:
      return state;
  }
}

/** An event about a dialog shows that it can be seen (again). */
function seen(state: InboxState, dialogId: string, seq: string): InboxState {
  const hiddenAt = state.hidden.get(dialogId);
  if (hiddenAt === undefined || !isNewer(seq, hiddenAt)) return state;
  return { ...state, hidden: withoutItem(state.hidden, dialogId) };
}

function hide(state: InboxState, dialogId: string, seq: string): InboxState {
  const stored = state.dialogs.get(dialogId);
  if (stored !== undefined && isNewer(stored.seq, seq)) return state;
  return {
    ...state,
    dialogs: withoutItem(state.dialogs, dialogId),
    messages: withoutItem(state.messages, dialogId),
    activities: withoutItem(state.activities, dialogId),
    hidden: withItem(state.hidden, dialogId, seq),
  };
}
