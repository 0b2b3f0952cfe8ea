import { signal } from "@preact/signals";

import { refreshSession } from "./session";

/** The server did not say who is signed in. */
export const sessionUnknown = signal(false);

export async function loadSession(): Promise<void> {
  sessionUnknown.value = false;
  sessionUnknown.value = !(await refreshSession());
}
