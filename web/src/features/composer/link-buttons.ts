import type { LinkButton } from "../../api/types";

/** A link button being written; the id keeps its fields in place while others come and go. */
export interface LinkDraft {
  id: number;
  title: string;
  address: string;
}

const LONGEST = 2000;
/** A port is not one. */
const HAS_SCHEME = /^[a-z][a-z\d+.-]*:(?!\d)/i;

let lastId = 0;

export function newLink(): LinkDraft {
  lastId += 1;
  return { id: lastId, title: "", address: "" };
}

/** The https address that was meant, as browsers write it; null: it is none that the server takes (connectors/offers.py). */
export function addressOf(text: string): string | null {
  const trimmed = text.trim();
  const whole = HAS_SCHEME.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (/\s/.test(trimmed) || !URL.canParse(whole)) return null;
  const { protocol, hostname, username, password, href } = new URL(whole);
  const isPublic = /\.[a-z][a-z\d-]*[a-z\d]$/.test(hostname);
  const isPlain = protocol === "https:" && username === "" && password === "" && !/["<>]/.test(href);
  return isPublic && isPlain && href.length <= LONGEST ? href : null;
}

/** What is sent of the fields; ``wrong``: one is begun and can't be sent, or its title is there twice. */
export function written(
  drafts: readonly LinkDraft[],
  taken: readonly string[],
): { buttons: LinkButton[]; wrong: boolean } {
  const begun = drafts.filter(({ title, address }) => `${title}${address}`.trim() !== "");
  const buttons = begun.flatMap((draft) => {
    const [title, url] = [draft.title.trim(), addressOf(draft.address)];
    return title === "" || url === null ? [] : [{ title, url }];
  });
  const titles = new Set([...taken, ...buttons.map(({ title }) => title)]);
  return { buttons, wrong: buttons.length < begun.length || titles.size < taken.length + buttons.length };
}
