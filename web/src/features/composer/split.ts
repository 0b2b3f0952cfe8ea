/** How a long text is split into messages: the same borders as connectors/text.py, lengths in UTF-16 units. */
export function split(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const end = rest.length <= limit ? rest.length : border(rest, limit);
    pieces.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return pieces;
}

/** The last line end, else the last space, in the second half; else between two characters. */
function border(text: string, limit: number): number {
  if (/\s/u.test(text.charAt(limit))) return limit;
  for (const mark of ["\n", " "]) {
    const found = text.lastIndexOf(mark, limit - 1);
    if (found >= Math.floor(limit / 2)) return found;
  }
  const isPair =
    /[\uDC00-\uDFFF]/u.test(text.charAt(limit)) || /[\uD800-\uDBFF]/.test(text.charAt(limit - 1));
  return isPair && limit > 1 ? limit - 1 : limit;
}
