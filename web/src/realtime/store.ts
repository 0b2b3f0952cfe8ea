import { batch, computed, signal } from "@preact/signals";

import { applyEvent } from "./apply";
import type { EventFrame } from "./frames";
import { mergeSnapshot, putDialog, putMessage, putRead, type Snapshot } from "./merge";
import type { Dialog, Message } from "../api/types";
import { EMPTY_STATE } from "./state";

/** The inbox as this console knows it; everything on the screen is derived from it. */
export const inbox = signal(EMPTY_STATE);

/**
 * 0 until the event stream runs, another number each time it starts afresh.  What is shown is fetched anew in each
 * generation, and an answer to a question of an earlier one is void.
 */
export const generation = signal(0);

/** Never used twice, not even after somebody else signed in. */
let lastGeneration = 0;

export function applyFrame(frame: EventFrame): void {
  inbox.value = applyEvent(inbox.value, frame);
}

export function merge(snapshot: Snapshot): void {
  inbox.value = mergeSnapshot(inbox.value, snapshot);
}

export function mergeDialog(dialog: Dialog): void {
  inbox.value = putDialog(inbox.value, dialog);
}

export function mergeMessage(message: Message): void {
  inbox.value = putMessage(inbox.value, message);
}

export function setRead(dialogId: string, inboundCount: number): void {
  inbox.value = putRead(inbox.value, dialogId, inboundCount);
}

export function beginGeneration(): void {
  batch(() => {
    inbox.value = EMPTY_STATE;
    lastGeneration += 1;
    generation.value = lastGeneration;
  });
}

export function forgetInbox(): void {
  batch(() => {
    inbox.value = EMPTY_STATE;
    generation.value = 0;
  });
}

/** The answer to ``question``, or null when the stream started afresh in the meantime. */
export async function inThisGeneration<Answer>(question: Promise<Answer>): Promise<Answer | null> {
  const born = generation.peek();
  const answer = await question;
  return generation.peek() === born ? answer : null;
}

export const activeAgents = computed(() =>
  [...inbox.value.agents.values()]
    .filter((agent) => agent.active)
    .toSorted((a, b) => a.name.localeCompare(b.name)),
);

export const channels = computed(() =>
  [...inbox.value.channels.values()].toSorted((a, b) => a.name.localeCompare(b.name)),
);

/** Customer messages of a dialog that this agent has not read; unknown markers count as read until they are known. */
export function unreadCount(dialog: Dialog): number {
  const read = inbox.value.reads.get(dialog.id);
  return read === undefined ? 0 : Math.max(0, dialog.inboundCount - read);
}
