const FIRST_MS = 500;
const LONGEST_MS = 8_000;

/** Waiting time before attempt number ``attempt`` (from 0): doubled each time, and spread so that consoles don't return all at once. */
export function backoff(attempt: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return ceiling / 2 + (random() * ceiling) / 2;
}
