import type { ChannelKind, CheckProblem } from "../../api/types";
import { t } from "../../i18n";
import { en, type Key } from "../../i18n/en";
import { channelKindName } from "../../ui/channel-kind";

/** What the console says of a channel kind; a kind of somebody else's package gets general texts and its own names. */

function isKey(text: string): text is Key {
  return Object.hasOwn(en, text);
}

function found(key: string): string | null {
  return isKey(key) ? t(key) : null;
}

function numbered(kind: string, what: "step" | "after"): string[] {
  const texts: string[] = [];
  for (let n = 1; ; n += 1) {
    const text = found(`kind.${kind}.${what}-${n}`);
    if (text === null) return texts;
    texts.push(text);
  }
}

export function stepsOf(kind: string): string[] {
  const own = numbered(kind, "step");
  return own.length > 0 ? own : numbered("unknown", "step");
}

/** What a person does with the webhook's address. */
export function stepsAfter(kind: string): string[] {
  const own = numbered(kind, "after");
  return own.length > 0 ? own : numbered("unknown", "after");
}

export function kindName(spec: Pick<ChannelKind, "kind" | "label">): string {
  const name = channelKindName(spec.kind);
  return name === spec.kind ? spec.label : name;
}

export function fieldLabel(kind: string, field: { key: string; title: string | null }): string {
  return found(`field.${kind}.${field.key}`) ?? found(`field.${field.key}`) ?? field.title ?? field.key;
}

export function fieldHint(kind: string, key: string): string | null {
  return found(`field.${kind}.${key}-hint`);
}

export function optionLabel(kind: string, key: string, option: string): string {
  return found(`option.${kind}.${key}.${option}`) ?? option;
}

/** In the reader's language where we know what is meant; else as the server says it. */
export function problemText(spec: ChannelKind, problem: CheckProblem): string {
  const kind = kindName(spec);
  if (problem.code === "not_authorised" && problem.key !== null) {
    return found(`check.${spec.kind}.${problem.key}`) ?? problem.text;
  }
  const key = `check.${problem.code.replaceAll("_", "-")}`;
  return isKey(key) ? t(key, { kind }) : problem.text;
}

/** The server's words about a setting that cannot be meant are those of its types. */
export function fieldErrorText(message: string): string {
  if (message.startsWith("required")) return t("channels.required");
  if (message.startsWith("enter it again")) return t("channels.enter-again");
  return message.startsWith("expected") ? t("channels.wrong-form") : message;
}
