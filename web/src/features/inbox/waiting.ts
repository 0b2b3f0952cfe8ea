const MINUTE = 60_000;

export type WaitingTone = "calm" | "warn" | "late";

/**
 * How long a contact waits for an answer, once it is worth saying.  As long as it is no longer than since `lastAt`, of the
 * last message, whose time stands beside it, it is not said twice.
 */
export function waiting(
  since: string | null,
  now: number,
  lastAt: string,
): { length: number; tone: WaitingTone } | null {
  if (since === null) return null;
  const length = now - Date.parse(since);
  if (length < 10 * MINUTE) return null;
  const tone = length < 30 * MINUTE ? "calm" : length < 120 * MINUTE ? "warn" : "late";
  const isSaid = Math.floor((now - Date.parse(lastAt)) / MINUTE) === Math.floor(length / MINUTE);
  return tone === "calm" && isSaid ? null : { length, tone };
}
