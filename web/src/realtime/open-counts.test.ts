import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" }, visibilityState: "visible" });
});

import type { DialogCounts, Session } from "../api/types";
import { session } from "../app/session";
import type { EventFrame } from "./frames";
import { countFrame, openCounts, refreshCounts } from "./open-counts";
import { activity, dialog } from "./samples";
import { beginGeneration, forgetInbox } from "./store";

const ME: Session = {
  agent: { id: "2", name: "Ala", role: "agent", email: "", locale: "" },
  csrfToken: "",
  workspace: { name: "", timeZone: "Europe/Warsaw" },
  settings: { agentsSee: "team", reopenWithinHours: 24 },
};

/** Answers of the server, in the order in which they are let go. */
let answers: ((counts: DialogCounts, seq: string) => void)[] = [];
let stop = (): void => {};

function created(id: string, seq: string): EventFrame {
  const data = { dialog: dialog({ id, seq }), activity: activity() };
  return { type: "event", name: "dialog.created", seq, prev: "1", data } as EventFrame;
}

beforeEach(() => {
  answers = [];
  vi.stubGlobal("fetch", () => {
    return new Promise<Response>((resolve) => {
      answers.push((counts, seq) =>
        resolve(new Response(JSON.stringify({ items: [], cursor: null, reads: {}, counts, seq }))),
      );
    });
  });
  session.value = ME;
  beginGeneration();
  stop = refreshCounts();
});

afterEach(() => {
  stop();
  forgetInbox();
});

async function answered(counts: DialogCounts, seq: string): Promise<void> {
  answers.shift()?.(counts, seq);
  await vi.waitFor(() => expect(openCounts.value).not.toBeNull());
}

describe("the counts of open dialogs", () => {
  it("have each event once, whether it comes before, during or after they were counted", async () => {
    countFrame(created("1", "10"));
    countFrame(created("3", "12"));
    await answered({ mine: 0, unassigned: 2, all: 2 }, "11");
    expect(openCounts.value).toEqual({ mine: 0, unassigned: 3, all: 3 });
    // Counted by the server, and only now told by the event stream.
    countFrame(created("2", "11"));
    expect(openCounts.value).toEqual({ mine: 0, unassigned: 3, all: 3 });
    countFrame(created("4", "13"));
    expect(openCounts.value).toEqual({ mine: 0, unassigned: 4, all: 4 });
  });

  it("are those of the stream that runs", async () => {
    await answered({ mine: 1, unassigned: 0, all: 1 }, "900");
    beginGeneration();
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    answers.shift()?.({ mine: 0, unassigned: 1, all: 1 }, "5");
    await vi.waitFor(() => expect(openCounts.value?.unassigned).toBe(1));
    countFrame(created("7", "6"));
    expect(openCounts.value).toEqual({ mine: 0, unassigned: 2, all: 2 });
  });
});
