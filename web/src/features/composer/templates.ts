import type { Blank, FilledTemplate, Template } from "../../api/types";

/** What is in the blanks, by their keys. */
export type Values = Readonly<Record<string, string>>;
export type Wrong = "empty" | "long" | "line" | "spaces" | "number";

const BLANK = /\{\{\s*([^{}\s]*)\s*\}\}/;
const ODD = /[\n\r\t]| {5}/;
const DEGREES = /^-?[0-9]{1,3}(\.[0-9]{1,15})?$/;

/** The same as ``wrong_with`` in connectors/templates.py. */
export function wrongWith(blank: Pick<Blank, "kind" | "longest" | "required">, text: string): Wrong | null {
  if (text.trim() === "") return blank.required ? "empty" : null;
  if ([...text].length > blank.longest) return "long";
  if (ODD.test(text)) return "line";
  if ((blank.kind === "suffix" || blank.kind === "code") && /\s/.test(text)) return "spaces";
  if (blank.kind === "latitude") return areDegrees(text, 90) ? null : "number";
  if (blank.kind === "longitude") return areDegrees(text, 180) ? null : "number";
  return null;
}

function areDegrees(text: string, most: number): boolean {
  return DEGREES.test(text) && Math.abs(Number(text)) <= most;
}

export function keyOf({ name, language }: Pick<Template, "name" | "language">): string {
  return `${name} ${language}`;
}

/** What a person fills: payloads are for programs. */
export function asked({ blanks }: Template): Blank[] {
  return blanks.filter((blank) => blank.kind !== "payload");
}

export function isFilled(template: Template, values: Values): boolean {
  return asked(template).every((blank) => wrongWith(blank, values[blank.key] ?? "") === null);
}

export interface Piece {
  /** Where it begins in the text of the template. */
  at: number;
  text: string;
  /** Still to be filled. */
  isBlank: boolean;
}

/** A text with what is in its blanks; one that nothing was put in stays as it is. */
export function pieces(where: "header" | "body", text: string, values: Values): Piece[] {
  let at = 0;
  return text.split(/(\{\{[^{}]*\}\})/).flatMap((part): Piece[] => {
    const begin = at;
    at += part.length;
    if (part === "") return [];
    const name = BLANK.exec(part)?.[1];
    const value = name === undefined ? part : (values[`${where}.${name}`] ?? "");
    return [{ at: begin, text: value === "" ? part : value, isBlank: value === "" }];
  });
}

/** Where a link leads, and what stands before the blank at its end. */
export function addressOf(target: string, own: string): string {
  const at = target.indexOf("{{");
  return at < 0 ? target : target.slice(0, at) + own;
}

/** What the customer reads, as the server will write it into the dialog: see connectors/templates.py. */
export function rendered(template: Template, values: Values): string {
  const text = (where: "header" | "body", whole: string): string =>
    pieces(where, whole, values)
      .map((piece) => piece.text)
      .join("");
  const links = template.buttons.flatMap(({ kind, title, target }, index) => {
    const own = values[`button.${index}`] ?? "";
    if (kind === "reply") return [];
    if (kind === "code") return [title === "" ? own : `${title}: ${own}`];
    return [`${title}: ${addressOf(target, own)}`];
  });
  return [text("header", template.header), text("body", template.body), template.footer, links.join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** As it is sent: without spaces around, and without what was left empty. */
export function filledOf(template: Template, values: Values): FilledTemplate {
  const filled = asked(template).flatMap(({ key }) => {
    const text = (values[key] ?? "").trim();
    return text === "" ? [] : [[key, text] as const];
  });
  return { name: template.name, language: template.language, values: Object.fromEntries(filled) };
}

/** Those with all the words somewhere in their name, language or text. */
export function matching(templates: readonly Template[], words: string): Template[] {
  const wanted = words.toLowerCase().split(/\s+/);
  return templates.filter((template) => {
    const whole = `${template.name} ${template.language} ${template.header} ${template.body}`.toLowerCase();
    return wanted.every((word) => whole.includes(word));
  });
}

/** Of the same name and language as before, else what can be sent, rather no advertising, rather in the reader's language. */
export function chosenOf(
  templates: readonly Template[],
  key: string | null,
  reader: string,
): Template | null {
  const rank = ({ obstacle, marketing, language }: Template): number =>
    (obstacle === null ? 0 : 4) + (marketing ? 2 : 0) + (language.startsWith(reader) ? 0 : 1);
  return (
    templates.find((one) => keyOf(one) === key) ?? templates.toSorted((a, b) => rank(a) - rank(b))[0] ?? null
  );
}
