import { signal } from "@preact/signals";

import { api } from "../api/calls";
import { setCsrfToken, whenSignedOut } from "../api/client";
import { isProblem } from "../api/problem";
import type { Session } from "../api/types";
import { forgetDrafts } from "../features/composer/drafts";
import { forgetOutbox } from "../features/composer/outbox-storage";

/** undefined: not known yet; null: nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined);
/** The session ended by itself (not by signing out): the sign-in page says so. */
export const sessionExpired = signal(false);

whenSignedOut(expireSession);

export function expireSession(): void {
  if (session.peek()) sessionExpired.value = true;
  setSession(null);
}

/** Ask the server who is signed in; without an answer, what was known stays. */
export async function refreshSession(): Promise<boolean> {
  try {
    setSession(await api.session());
    return true;
  } catch (error) {
    if (!isProblem(error) || error.status !== 401) return false;
    expireSession();
    return true;
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  setSession(await api.signIn(email, password));
  sessionExpired.value = false;
}

export async function signOut(): Promise<void> {
  await api.signOut();
  const agentId = session.peek()?.agent.id;
  if (agentId !== undefined) {
    forgetDrafts(agentId);
    forgetOutbox(agentId);
  }
  setSession(null);
}

function setSession(next: Session | null): void {
  setCsrfToken(next?.csrfToken ?? null);
  session.value = next;
}

/** The agent who is signed in; the screens behind the sign-in page are only shown when there is one. */
export function currentSession(): Session {
  const current = session.value;
  if (!current) throw new Error("nobody is signed in");
  return current;
}
