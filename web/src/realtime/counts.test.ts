import { describe, expect, it } from "vitest";

import type { Session } from "../api/types";
import { countChange } from "./counts";
import type { EventFrame } from "./frames";
import { activity, dialog } from "./samples";

const ALA = { id: "2", name: "Ala" };
const OLA = { id: "3", name: "Ola" };

function session(changes: Partial<Session["agent"]> = {}): Session {
  return {
    agent: { id: "2", name: "Ala", role: "agent", email: "", locale: "", ...changes },
    csrfToken: "",
    workspace: { name: "", timeZone: "Europe/Warsaw" },
    settings: { agentsSee: "own", reopenWithinHours: 24 },
  };
}

const change = (frame: object, known = undefined as ReturnType<typeof dialog> | undefined, me = session()) =>
  countChange({ type: "event", seq: "20", prev: "10", ...frame } as EventFrame, known, me);

describe("how an event changes the counts", () => {
  it("adds a new dialog", () => {
    expect(change({ name: "dialog.created", data: { dialog: dialog(), activity: activity() } })).toEqual({
      mine: 0,
      unassigned: 1,
      all: 1,
    });
  });

  it("moves a dialog that is taken, whether it was loaded or not", () => {
    const taken = {
      name: "dialog.assigned",
      data: { dialog: dialog({ assignee: ALA }), activity: activity() },
    };
    const expected = { mine: 1, unassigned: -1, all: 0 };
    expect(change(taken, dialog())).toEqual(expected);
    expect(change(taken)).toEqual(expected);
  });

  it("adds a dialog that is handed over by somebody whose dialogs can't be seen", () => {
    const handed = {
      name: "dialog.assigned",
      data: { dialog: dialog({ assignee: ALA }), activity: activity({ previous: OLA }) },
    };
    expect(change(handed)).toEqual({ mine: 1, unassigned: 0, all: 1 });
    expect(change(handed, undefined, session({ role: "supervisor" }))).toEqual({
      mine: 1,
      unassigned: 0,
      all: 0,
    });
  });

  it("takes out what is closed or hidden", () => {
    const closed = {
      name: "dialog.closed",
      data: { dialog: dialog({ status: "closed" }), activity: activity() },
    };
    expect(change(closed).unassigned).toBe(-1);
    const hidden = { name: "dialog.hidden", data: { id: "1" } };
    expect(change(hidden, dialog())).toEqual({ mine: 0, unassigned: -1, all: -1 });
  });

  it("does not count messages", () => {
    const received = { name: "message.received", data: { dialog: dialog() } };
    expect(change(received)).toEqual({ mine: 0, unassigned: 0, all: 0 });
  });
});
