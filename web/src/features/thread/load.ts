import { signal } from "@preact/signals";

import { api } from "../../api/calls";
import { isProblem } from "../../api/problem";
import type { Message } from "../../api/types";
import { fetchDialog } from "../../realtime/read-markers";
import { generation, inThisGeneration, merge } from "../../realtime/store";

const PAGE = 50;
const ACTIVITY_PAGE = 200;

/** How much of a thread's history was loaded. */
export interface ThreadLoad {
  generation: number;
  state: "loading" | "ready" | "failed" | "missing";
  /** Of the next older messages; null when all are here. */
  cursor: string | null;
  activityCursor: string | null;
  /** Time of the oldest message loaded: what is older is not shown until what lies between is here. */
  oldest: string | null;
}

const UNLOADED: ThreadLoad = {
  generation: 0,
  state: "loading",
  cursor: null,
  activityCursor: null,
  oldest: null,
};

const threads = signal<ReadonlyMap<string, ThreadLoad>>(new Map());

export function threadLoad(dialogId: string): ThreadLoad {
  const load = threads.value.get(dialogId);
  return load?.generation === generation.value ? load : UNLOADED;
}

/** What happens to a dialog while it can't be seen is not sent: its history is to be loaded anew. */
export function forgetThread(dialogId: string): void {
  if (threads.peek().has(dialogId)) {
    remember(dialogId, { ...UNLOADED, generation: generation.peek(), state: "missing" });
  }
}

function remember(dialogId: string, load: ThreadLoad): void {
  threads.value = new Map(threads.value).set(dialogId, load);
}

/** Load a dialog with the newest part of its thread, unless this generation has it already. */
export async function openThread(dialogId: string): Promise<void> {
  const born = generation.peek();
  if (born === 0) return;
  const known = threads.peek().get(dialogId);
  const isKnown = known?.generation === born && (known.state === "ready" || known.state === "loading");
  if (isKnown) return;
  remember(dialogId, { ...UNLOADED, generation: born });
  try {
    const [, messages, activities] = await Promise.all([
      fetchDialog(dialogId),
      inThisGeneration(api.messages(dialogId, { limit: PAGE })),
      inThisGeneration(api.activities(dialogId, { limit: ACTIVITY_PAGE })),
    ]);
    if (messages === null || activities === null) return;
    merge({ seq: messages.seq, messages: messages.items });
    merge({ seq: activities.seq, activities: activities.items });
    remember(dialogId, {
      generation: born,
      state: "ready",
      cursor: messages.cursor,
      activityCursor: activities.cursor,
      oldest: oldestOf(messages.items),
    });
  } catch (error) {
    const missing = isProblem(error) && (error.status === 404 || error.status === 403);
    if (generation.peek() === born) {
      remember(dialogId, { ...UNLOADED, generation: born, state: missing ? "missing" : "failed" });
    }
  }
}

/** Load the part before the oldest message that is here. */
export async function loadEarlier(dialogId: string): Promise<void> {
  const load = threadLoad(dialogId);
  if (load.state !== "ready" || load.cursor === null) return;
  remember(dialogId, { ...load, state: "loading" });
  try {
    const [messages, activities] = await Promise.all([
      inThisGeneration(api.messages(dialogId, { limit: PAGE, cursor: load.cursor })),
      load.activityCursor === null
        ? null
        : inThisGeneration(api.activities(dialogId, { limit: ACTIVITY_PAGE, cursor: load.activityCursor })),
    ]);
    if (messages === null) return;
    merge({ seq: messages.seq, messages: messages.items });
    if (activities !== null) merge({ seq: activities.seq, activities: activities.items });
    remember(dialogId, {
      ...load,
      state: "ready",
      cursor: messages.cursor,
      activityCursor: activities?.cursor ?? null,
      oldest: oldestOf(messages.items) ?? load.oldest,
    });
  } catch {
    remember(dialogId, { ...load, state: "ready" });
  }
}

function oldestOf(newestFirst: readonly Message[]): string | null {
  return newestFirst.at(-1)?.at ?? null;
}
