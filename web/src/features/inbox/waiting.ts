const MINUTE = 60_000;

export type WaitingTone = "calm" | "warn" | "late";

/** How long a contact waits for an answer, once it is worth saying. */
export function waiting(since: string | null, now: number): { length: number; tone: WaitingTone } | null {
  if (since === null) return null;
  const length = now - Date.parse(since);
  if (length < 10 * MINUTE) return null;
  return { length, tone: length < 30 * MINUTE ? "calm" : length < 120 * MINUTE ? "warn" : "late" };
}
