import { signal } from "@preact/signals";

const TICK_MS = 15_000;

/** The present moment, for everything that says how long ago something was. */
export const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, TICK_MS);
