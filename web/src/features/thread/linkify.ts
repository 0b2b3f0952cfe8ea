export interface TextPiece {
  /** Where it begins in the whole text. */
  at: number;
  text: string;
  /** Set for what can be followed. */
  href?: string;
}

const CANDIDATE =
  /(?:https?:\/\/|www\.)[^\s<>"]+|(?:mailto:)?[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}|tel:\+?\d[\d-]{4,}|\+\d[\d ()-]{6,}\d/giu;
const TRAILING = /[.,;:!?'"»”’)\]}]+$/u;

/** Cut a text into plain pieces and links.  Only http, https, mailto and tel can come out. */
export function linkify(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let at = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const found = withoutTrailing(match[0]);
    const href = hrefOf(found);
    if (href === null) continue;
    if (match.index > at) pieces.push({ at, text: text.slice(at, match.index) });
    pieces.push({ at: match.index, text: found, href });
    at = match.index + found.length;
  }
  if (at < text.length) pieces.push({ at, text: text.slice(at) });
  return pieces;
}

/** Punctuation after a link is not part of it, but a bracket that the link opened is. */
function withoutTrailing(found: string): string {
  const trimmed = found.replace(TRAILING, "");
  const rest = found.slice(trimmed.length);
  return rest.startsWith(")") && trimmed.includes("(") ? `${trimmed})` : trimmed;
}

function hrefOf(found: string): string | null {
  if (/^https?:\/\//i.test(found)) return URL.canParse(found) ? new URL(found).href : null;
  if (/^www\./i.test(found))
    return URL.canParse(`https://${found}`) ? new URL(`https://${found}`).href : null;
  if (/^tel:/i.test(found)) return `tel:${found.slice(4).replace(/[^\d+]/g, "")}`;
  if (found.startsWith("+")) return `tel:${found.replace(/[^\d+]/g, "")}`;
  if (found.includes("@")) return `mailto:${found.replace(/^mailto:/i, "")}`;
  return null;
}
