import { effect, signal } from "@preact/signals";

import { api } from "../api/calls";
import type { DialogCounts } from "../api/types";
import { session } from "../app/session";
import { addCounts, countChange } from "./counts";
import type { EventFrame } from "./frames";
import { isNewer } from "./seq";
import { generation, inbox, inThisGeneration } from "./store";

/** The server stops counting here: this number stands for itself and any greater one. */
export const COUNT_CAP = 1000;
const REFRESH_MS = 60_000;

/** Open dialogs in each view: counted by the server, kept up to date by events. */
export const openCounts = signal<DialogCounts | null>(null);

/** Changes that came while the server was counting. */
let pending: { seq: string; change: DialogCounts }[] = [];
/** What the server has counted already: an event up to here may reach us later than the figures. */
let countedUntil = "0";

export function countFrame(frame: EventFrame): void {
  const me = session.peek();
  if (!me) return;
  const dialogId = dialogOf(frame);
  if (dialogId === null || !isNewer(frame.seq, countedUntil)) return;
  const known = inbox.peek().dialogs.get(dialogId);
  if (known !== undefined && !isNewer(frame.seq, known.seq)) return;
  const change = countChange(frame, known, me);
  pending.push({ seq: frame.seq, change });
  if (openCounts.peek() !== null) openCounts.value = addCounts(openCounts.peek() ?? change, change);
}

function dialogOf(frame: EventFrame): string | null {
  if (frame.name === "dialog.hidden") return frame.data.id;
  return "dialog" in frame.data ? frame.data.dialog.id : null;
}

/** Count now, after every reset and once a minute while somebody looks. */
export function refreshCounts(): () => void {
  const stopWatching = effect(() => {
    // Numbers may begin anew with it.
    countedUntil = "0";
    if (generation.value > 0) void fetchCounts();
  });
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void fetchCounts();
  }, REFRESH_MS);
  return () => {
    stopWatching();
    clearInterval(timer);
    openCounts.value = null;
  };
}

async function fetchCounts(): Promise<void> {
  pending = [];
  try {
    const answer = await inThisGeneration(api.dialogs({ counts: true, limit: 1 }));
    if (answer === null || answer.counts === null) return;
    const { counts, seq } = answer;
    countedUntil = seq;
    const later = pending.filter((one) => isNewer(one.seq, seq)).map((one) => one.change);
    openCounts.value = later.reduce(addCounts, counts);
  } catch {
    // The old figures stay; the next round brings new ones.
  }
}
