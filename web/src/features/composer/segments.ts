const GSM_BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/** Take two places each. */
const GSM_EXTENSION = "^{}\\[~]|€\f";

const BASIC = new Set(GSM_BASIC);
const EXTENSION = new Set(GSM_EXTENSION);

const GSM = { single: 160, part: 153 };
const UCS2 = { single: 70, part: 67 };

export interface Segments {
  encoding: "GSM-7" | "UCS-2";
  parts: number;
  /** Places still free in the last part. */
  left: number;
}

/** Into how many SMS parts a text is cut, as the networks count; the same as `connectors/sms/segments.py`. */
export function countSegments(text: string): Segments {
  const characters = [...text];
  const isGsm = characters.every((character) => BASIC.has(character) || EXTENSION.has(character));
  const sizes = isGsm
    ? characters.map((character) => (EXTENSION.has(character) ? 2 : 1))
    : characters.map((character) => character.length);
  return { encoding: isGsm ? "GSM-7" : "UCS-2", ...pack(sizes, isGsm ? GSM : UCS2) };
}

/** A letter of two places is never cut in two, so a part may stay short. */
function pack(sizes: readonly number[], { single, part }: typeof GSM): { parts: number; left: number } {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= single) return { parts: 1, left: single - total };
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > part) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return { parts, left: part - used };
}
