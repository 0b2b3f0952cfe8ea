import { describe, expect, it } from "vitest";

import { applyEvent } from "./apply";
import type { EventData, EventFrame, EventName } from "./frames";
import { mergeSnapshot } from "./merge";
import { activity, agent, channel, dialog, message } from "./samples";
import { EMPTY_STATE, type InboxState } from "./state";

function event<Name extends EventName>(seq: string, name: Name, data: EventData[Name]): EventFrame {
  return { type: "event", seq, prev: "0", name, data } as EventFrame;
}

function apply(state: InboxState, ...frames: EventFrame[]): InboxState {
  return frames.reduce(applyEvent, state);
}

const received = event("11", "message.received", {
  dialog: dialog({ seq: "11", inboundCount: 2 }),
  message: message({ id: "101", seq: "11" }),
});

describe("applying events", () => {
  it("brings a dialog with its message", () => {
    const state = apply(EMPTY_STATE, received);
    expect(state.dialogs.get("1")?.inboundCount).toBe(2);
    expect(state.messages.get("1")?.get("101")?.text).toBe("Dzień dobry");
  });

  it("changes nothing when an event comes again", () => {
    const once = apply(EMPTY_STATE, received);
    const twice = apply(once, received);
    expect(twice).toEqual(once);
  });

  it("keeps what is newer when something older comes later", () => {
    const newer = event("12", "dialog.updated", { dialog: dialog({ seq: "12", inboundCount: 9 }) });
    expect(apply(EMPTY_STATE, newer, received).dialogs.get("1")?.inboundCount).toBe(9);
  });

  it("compares seqs as numbers, not as text", () => {
    const at9 = event("9", "dialog.updated", { dialog: dialog({ seq: "9", number: 1 }) });
    const at10 = event("10", "dialog.updated", { dialog: dialog({ seq: "10", number: 2 }) });
    expect(apply(EMPTY_STATE, at9, at10).dialogs.get("1")?.number).toBe(2);
    expect(apply(EMPTY_STATE, at10, at9).dialogs.get("1")?.number).toBe(2);
  });

  it("knows that a new dialog is unread, and moves the marker only forward", () => {
    const created = event("11", "dialog.created", {
      dialog: dialog({ seq: "11" }),
      activity: activity({ seq: "11" }),
    });
    const read = event("12", "dialog.read", { dialogId: "1", inboundCount: 3 });
    const late = event("13", "dialog.read", { dialogId: "1", inboundCount: 2 });
    expect(apply(EMPTY_STATE, created).reads.get("1")).toBe(0);
    expect(apply(EMPTY_STATE, created, read, late).reads.get("1")).toBe(3);
  });

  it("forgets a dialog that can no longer be seen, and takes it back when it can", () => {
    const hidden = event("12", "dialog.hidden", { id: "1" });
    const gone = apply(EMPTY_STATE, received, hidden);
    expect(gone.dialogs.has("1")).toBe(false);
    expect(gone.messages.has("1")).toBe(false);

    const back = event("13", "dialog.assigned", {
      dialog: dialog({ seq: "13", assignee: { id: "2", name: "Ala" } }),
      activity: activity({ seq: "13" }),
    });
    const state = apply(gone, back);
    expect(state.dialogs.get("1")?.assignee?.name).toBe("Ala");
    expect(state.hidden.has("1")).toBe(false);
  });

  it("moves a message's delivery state on", () => {
    const sent = event("12", "message.updated", {
      message: message({ id: "101", seq: "12", state: "sent" }),
    });
    expect(apply(EMPTY_STATE, received, sent).messages.get("1")?.get("101")?.state).toBe("sent");
  });

  it("changes the names of now, and leaves those of then", () => {
    const start = mergeSnapshot(EMPTY_STATE, {
      seq: "10",
      dialogs: [
        dialog({
          assignee: { id: "2", name: "Ala" },
          lastRepliedBy: { type: "agent", id: "2", name: "Ala" },
        }),
      ],
      messages: [message({ author: { type: "agent", id: "2", name: "Ala" } })],
      activities: [activity()],
      agents: [agent()],
      channels: [channel()],
    });
    const state = apply(
      start,
      event("11", "agent.updated", { agent: agent({ seq: "11", name: "Alicja" }) }),
      event("12", "channel.updated", { channel: channel({ seq: "12", name: "Sklep" }) }),
    );
    const changed = state.dialogs.get("1");
    expect(changed?.assignee?.name).toBe("Alicja");
    expect(changed?.lastRepliedBy?.name).toBe("Ala");
    expect(changed?.channel.name).toBe("Sklep");
    expect(state.messages.get("1")?.get("100")?.author.name).toBe("Ala");
    expect(state.activities.get("1")?.get("200")?.actor.name).not.toBe("Alicja");
  });

  it("ignores kinds of events that it does not know", () => {
    const unknown = {
      type: "event",
      seq: "11",
      prev: "10",
      name: "weather.changed",
      data: {},
    } as unknown as EventFrame;
    expect(applyEvent(EMPTY_STATE, unknown)).toBe(EMPTY_STATE);
  });
});

describe("merging a snapshot into a state that events took further", () => {
  const snapshot = {
    seq: "10",
    dialogs: [dialog({ seq: "10", inboundCount: 1 })],
    messages: [message({ seq: "10" })],
  };

  it("keeps what an event made newer", () => {
    const state = mergeSnapshot(apply(EMPTY_STATE, received), snapshot);
    expect(state.dialogs.get("1")?.inboundCount).toBe(2);
    expect([...(state.messages.get("1")?.keys() ?? [])].toSorted()).toEqual(["100", "101"]);
  });

  it("does not bring back what was hidden after it was taken", () => {
    const hidden = apply(EMPTY_STATE, received, event("12", "dialog.hidden", { id: "1" }));
    const state = mergeSnapshot(hidden, snapshot);
    expect(state.dialogs.has("1")).toBe(false);
    expect(state.messages.has("1")).toBe(false);
  });

  it("brings what was seen again before it was taken", () => {
    const hidden = apply(EMPTY_STATE, event("12", "dialog.hidden", { id: "1" }));
    expect(mergeSnapshot(hidden, { seq: "14", dialogs: [dialog({ seq: "13" })] }).dialogs.has("1")).toBe(
      true,
    );
  });

  it("leaves a dialog alone that its events hid before the snapshot showed it again", () => {
    const state = mergeSnapshot(EMPTY_STATE, { seq: "14", dialogs: [dialog({ seq: "13" })] });
    expect(apply(state, event("12", "dialog.hidden", { id: "1" })).dialogs.has("1")).toBe(true);
  });

  it("moves read markers only forward", () => {
    const state = mergeSnapshot(EMPTY_STATE, { seq: "10", reads: { 1: 4 } });
    expect(mergeSnapshot(state, { seq: "9", reads: { 1: 2 } }).reads.get("1")).toBe(4);
  });
});
