import { describe, expect, it } from "vitest";

import type { Activity, Agent, Channel, Dialog, Message } from "../api/types";
import { applyEvent } from "./apply";
import type { ServerFrame } from "./frames";
import { mergeSnapshot } from "./merge";
import { type ById, EMPTY_STATE, type InboxState } from "./state";

/** The whole inbox of one agent, as the server's API gives it. */
interface GoldenState {
  seq?: string;
  dialogs: Dialog[];
  messages: Message[];
  activities: Activity[];
  reads: Record<string, number>;
  agents: Agent[];
  channels: Channel[];
}

/** Written by the server's own test: the same files are replayed there in Python. */
interface GoldenFile {
  snapshot: GoldenState;
  frames: ServerFrame[];
  expected: GoldenState;
}

const files = import.meta.glob<GoldenFile>("../../../tests/golden/*.json", {
  eager: true,
  import: "default",
});

function replay({ snapshot, frames }: GoldenFile): InboxState {
  const start = mergeSnapshot(EMPTY_STATE, { ...snapshot, seq: snapshot.seq ?? "0" });
  return frames.reduce((state, frame) => (frame.type === "event" ? applyEvent(state, frame) : state), start);
}

function byId<Item extends { id: string }>(items: Iterable<Item>): Record<string, Item> {
  return Object.fromEntries([...items].map((item) => [item.id, item]));
}

/** History that was written while a dialog could not be seen is fetched when it is opened, not sent as events. */
function ofKnownThreads<Item extends { dialogId: string }>(
  items: readonly Item[],
  known: ReadonlySet<string>,
): Item[] {
  return items.filter((item) => known.has(item.dialogId));
}

function knownThreads({ snapshot, frames }: GoldenFile): Set<string> {
  const known = new Set(snapshot.dialogs.map((dialog) => dialog.id));
  for (const frame of frames) {
    if (frame.type !== "event") continue;
    if (frame.name === "dialog.created") known.add(frame.data.dialog.id);
    if (frame.name === "dialog.hidden") known.delete(frame.data.id);
  }
  return known;
}

function threads<Item extends { id: string; dialogId: string }>(all: ById<ById<Item>>): Item[] {
  return [...all.values()].flatMap((thread) => [...thread.values()]);
}

describe("snapshot + events = fresh snapshot", () => {
  it("has files to replay", () => expect(Object.keys(files)).not.toEqual([]));

  it.each(Object.entries(files))("%s", (_, file) => {
    const { expected } = file;
    const state = replay(file);
    const known = knownThreads(file);
    expect(byId(state.dialogs.values())).toEqual(byId(expected.dialogs));
    expect(byId(state.agents.values())).toEqual(byId(expected.agents));
    expect(byId(state.channels.values())).toEqual(byId(expected.channels));
    expect(byId(ofKnownThreads(threads(state.messages), known))).toEqual(
      byId(ofKnownThreads(expected.messages, known)),
    );
    expect(byId(ofKnownThreads(threads(state.activities), known))).toEqual(
      byId(ofKnownThreads(expected.activities, known)),
    );
    for (const { id } of expected.dialogs) expect(state.reads.get(id) ?? 0).toBe(expected.reads[id] ?? 0);
  });
});
