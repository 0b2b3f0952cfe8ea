/** Seqs and ids are decimal strings of up to 64 bits: longer is greater, equal length compares as text. */
export function compareNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isNewer(seq: string, than: string): boolean {
  return compareNumbers(seq, than) > 0;
}

export function newest(a: string, b: string): string {
  return isNewer(a, b) ? a : b;
}
