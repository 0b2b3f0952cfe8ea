import { signal } from "@preact/signals";

import type { AgentRef } from "../api/types";
import type { SignalFrame, SignalKind } from "./frames";

const LIFETIME_MS = 6_000;

export interface Presence {
  dialogId: string;
  agent: AgentRef;
  kind: SignalKind;
  until: number;
}

/** Who types in or looks at which dialog just now, for as long as their signals keep coming. */
export const presences = signal<readonly Presence[]>([]);

let timer: ReturnType<typeof setTimeout> | undefined;

export function notePresence({ dialogId, agent, kind }: SignalFrame): void {
  const others = presences.value.filter(
    (one) => one.dialogId !== dialogId || one.agent.id !== agent.id || one.kind !== kind,
  );
  presences.value = [...others, { dialogId, agent, kind, until: Date.now() + LIFETIME_MS }];
  schedule();
}

export function clearPresences(): void {
  presences.value = [];
}

function schedule(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const now = Date.now();
    presences.value = presences.value.filter((one) => one.until > now);
    if (presences.value.length > 0) schedule();
  }, 1_000);
}
