import { signal } from "@preact/signals";

import { api } from "../../api/calls";
import type { Dialog, DialogPage } from "../../api/types";
import { compareNumbers } from "../../realtime/seq";
import { generation, inbox, inThisGeneration, merge } from "../../realtime/store";

export type View = "mine" | "unassigned" | "all";
export const VIEWS: readonly View[] = ["mine", "unassigned", "all"];

export interface ListQuery {
  view: View;
  channel: string | null;
  search: string;
}

/** How much of a list was loaded. */
interface Loaded {
  generation: number;
  state: "loading" | "ready" | "failed";
  cursor: string | null;
  /** Of the last dialog loaded: what is older is not shown yet. Null before the first page. */
  bound: Position | null;
  complete: boolean;
  /** With a search the server says which dialogs match, and in this order. */
  found: readonly string[];
}

interface Position {
  at: string;
  id: string;
}

const lists = signal<ReadonlyMap<string, Loaded>>(new Map());

const UNLOADED: Loaded = {
  generation: 0,
  state: "loading",
  cursor: null,
  bound: null,
  complete: false,
  found: [],
};

function keyOf({ view, channel, search }: ListQuery): string {
  return JSON.stringify([view, channel, search]);
}

export function loadedOf(query: ListQuery): Loaded {
  const loaded = lists.value.get(keyOf(query));
  return loaded?.generation === generation.value ? loaded : UNLOADED;
}

function remember(query: ListQuery, loaded: Loaded): void {
  lists.value = new Map(lists.value).set(keyOf(query), loaded);
}

/** Load the first page, unless this generation has it already. */
export async function openList(query: ListQuery): Promise<void> {
  if (generation.value === 0) return;
  const known = lists.peek().get(keyOf(query));
  const isKnown = known?.generation === generation.peek() && known.state !== "failed";
  // What a search finds is a matter of the moment.
  if (isKnown && query.search === "") return;
  await loadPage(query, UNLOADED);
}

export async function loadMore(query: ListQuery): Promise<void> {
  const loaded = loadedOf(query);
  if (loaded.state === "ready" && !loaded.complete) await loadPage(query, loaded);
}

async function loadPage(query: ListQuery, before: Loaded): Promise<void> {
  const born = generation.peek();
  remember(query, { ...before, generation: born, state: "loading" });
  try {
    const page = await inThisGeneration(
      api.dialogs({ view: query.view, channel: query.channel, q: query.search, cursor: before.cursor }),
    );
    if (page === null) return;
    merge({ seq: page.seq, dialogs: page.items, reads: readsOf(page) });
    const last = page.items.at(-1);
    remember(query, {
      generation: born,
      state: "ready",
      cursor: page.cursor,
      bound: last === undefined ? before.bound : positionOf(last),
      complete: page.cursor === null,
      found: [...before.found, ...page.items.map((dialog) => dialog.id)],
    });
  } catch {
    if (generation.peek() === born) remember(query, { ...before, generation: born, state: "failed" });
  }
}

/** Of a dialog that this agent never opened nothing was read. */
function readsOf({ items, reads }: DialogPage): Record<string, number> {
  return Object.fromEntries(items.map(({ id }) => [id, reads[id] ?? 0]));
}

/** The dialogs of a list as they stand now, newest activity first. */
export function listItems(query: ListQuery, me: string): Dialog[] {
  const loaded = loadedOf(query);
  const { dialogs } = inbox.value;
  const belongs = (dialog: Dialog): boolean => inView(dialog, query, me);
  if (query.search !== "") {
    return loaded.found.flatMap((id) => dialogs.get(id) ?? []).filter(belongs);
  }
  const { bound, complete } = loaded;
  if (bound === null && !complete) return [];
  const within = (dialog: Dialog): boolean =>
    complete || bound === null || comparePositions(positionOf(dialog), bound) <= 0;
  return [...dialogs.values()]
    .filter((dialog) => belongs(dialog) && within(dialog))
    .toSorted((a, b) => comparePositions(positionOf(a), positionOf(b)));
}

function inView(dialog: Dialog, query: ListQuery, me: string): boolean {
  if (dialog.status !== "open") return false;
  if (query.channel !== null && dialog.channel.id !== query.channel) return false;
  if (query.view === "mine") return dialog.assignee?.id === me;
  return query.view === "all" || dialog.assignee === null;
}

function positionOf(dialog: Dialog): Position {
  return { at: dialog.lastMessageAt ?? dialog.createdAt, id: dialog.id };
}

/** Newest first. */
function comparePositions(a: Position, b: Position): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return compareNumbers(b.id, a.id);
}
