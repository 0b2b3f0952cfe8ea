import type { AgentRef, Dialog, DialogCounts, Session } from "../api/types";
import type { EventFrame } from "./frames";

/** What decides in which views a dialog stands; null where it can't be seen. */
interface Place {
  open: boolean;
  assigneeId: string | null;
}

const NOTHING: DialogCounts = { mine: 0, unassigned: 0, all: 0 };

/** By how much one event changes the number of open dialogs in each view. */
export function countChange(frame: EventFrame, known: Dialog | undefined, me: Session): DialogCounts {
  const after = placeAfter(frame);
  if (after === undefined) return NOTHING;
  const before = known === undefined ? placeBefore(frame, me) : placeOf(known);
  const old = views(before, me.agent.id);
  const now = views(after, me.agent.id);
  return { mine: now.mine - old.mine, unassigned: now.unassigned - old.unassigned, all: now.all - old.all };
}

export function addCounts(a: DialogCounts, b: DialogCounts): DialogCounts {
  return { mine: a.mine + b.mine, unassigned: a.unassigned + b.unassigned, all: a.all + b.all };
}

function placeOf(dialog: Dialog): Place {
  return { open: dialog.status === "open", assigneeId: dialog.assignee?.id ?? null };
}

function placeAfter(frame: EventFrame): Place | null | undefined {
  if (frame.name === "dialog.hidden") return null;
  return "dialog" in frame.data ? placeOf(frame.data.dialog) : undefined;
}

/** Where a dialog that is not loaded stood before the event. */
function placeBefore(frame: EventFrame, me: Session): Place | null {
  switch (frame.name) {
    case "dialog.assigned": {
      const place = {
        open: frame.data.dialog.status === "open",
        assigneeId: frame.data.activity.previous?.id ?? null,
      };
      return canSee(frame.data.activity.previous, me) ? place : null;
    }
    case "dialog.closed":
      return { ...placeOf(frame.data.dialog), open: true };
    case "dialog.reopened":
      return { ...placeOf(frame.data.dialog), open: false };
    case "dialog.updated":
    case "message.received":
    case "message.added":
      return placeOf(frame.data.dialog);
    default:
      return null;
  }
}

function canSee(assignee: AgentRef | null, { agent, settings }: Session): boolean {
  if (agent.role !== "agent" || settings.agentsSee === "team") return true;
  return assignee === null || assignee.id === agent.id;
}

function views(place: Place | null, me: string): DialogCounts {
  if (place === null || !place.open) return NOTHING;
  return { mine: place.assigneeId === me ? 1 : 0, unassigned: place.assigneeId === null ? 1 : 0, all: 1 };
}
