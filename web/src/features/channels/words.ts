import type { FieldError } from "../../api/schema";
import type { ChannelKind, CheckProblem } from "../../api/types";
import { t } from "../../i18n";
import { isKey, sentenceOf } from "../../i18n/refusal";
import { SCENES, type Scene } from "./drawings/scenes";
import { channelErrorText } from "./error-text";
import { channelKindName } from "../../ui/channel-kind";

/** What the console says of a channel kind; a kind of somebody else's package gets general texts and its own names. */

function found(key: string): string | null {
  return isKey(key) ? t(key) : null;
}

type Spec = Pick<ChannelKind, "kind" | "provider">;

/** Where a kind's own texts stand; a further provider of a kind has some of its own. */
function names({ kind, provider }: Spec): string[] {
  return provider === null ? [kind] : [`${kind}.${provider}`, kind];
}

function foundFor(spec: Spec, prefix: string, rest: string): string | null {
  for (const name of names(spec)) {
    const text = found(`${prefix}.${name}.${rest}`);
    if (text !== null) return text;
  }
  return null;
}

/** One thing to do at the provider, and how it looks there. */
export interface Step {
  text: string;
  scene: Scene | undefined;
}

function numbered(kind: string, what: "step" | "after"): Step[] {
  const numberedSteps: Step[] = [];
  for (let n = 1; ; n += 1) {
    const name = `${kind}.${what}-${n}`;
    const text = found(`kind.${name}`);
    if (text === null) return numberedSteps;
    numberedSteps.push({ text, scene: SCENES[name] });
  }
}

function steps(spec: Spec, what: "step" | "after"): Step[] {
  return [...names(spec), "unknown"].map((name) => numbered(name, what)).find((own) => own.length > 0) ?? [];
}

export function stepsOf(spec: Spec): Step[] {
  return steps(spec, "step");
}

/** What a person does with the webhook's address. */
export function stepsAfter(spec: Spec): Step[] {
  return steps(spec, "after");
}

export function kindName(spec: Pick<ChannelKind, "kind" | "label">): string {
  const name = channelKindName(spec.kind);
  return name === spec.kind ? spec.label : name;
}

/** Where the providers of a kind have to be told apart. */
export function fullName(spec: Spec & Pick<ChannelKind, "label">): string {
  if (spec.provider === null) return kindName(spec);
  return found(`kind.${spec.kind}.${spec.provider}.name`) ?? spec.label;
}

export function fieldLabel(spec: Spec, field: { key: string; title: string | null }): string {
  return foundFor(spec, "field", field.key) ?? found(`field.${field.key}`) ?? field.title ?? field.key;
}

export function fieldHint(spec: Spec, key: string): string | null {
  return foundFor(spec, "field", `${key}-hint`);
}

export function optionLabel(spec: Spec, key: string, option: string): string {
  return foundFor(spec, "option", `${key}.${option}`) ?? option;
}

/** In the reader's language where we know what is meant; else as the server says it. */
export function problemText(spec: ChannelKind, problem: CheckProblem): string {
  const kind = kindName(spec);
  if (problem.code === "not_authorised" && problem.key !== null) {
    return foundFor(spec, "check", problem.key) ?? problem.text;
  }
  const key = `check.${problem.code.replaceAll("_", "-")}`;
  if (isKey(key)) return t(key, { kind, said: problem.said ?? "" });
  return channelErrorText({
    lastError: problem.text,
    lastErrorCode: problem.code,
    lastErrorSaid: problem.said,
  });
}

/** What is wrong with a setting; that it is not of the type that its field has, we say in our own words. */
export function fieldErrorText({ message, ...error }: FieldError): string {
  if (error.reason === "setting_required") return t("channels.required");
  if (error.reason === "setting_again") return t("channels.enter-again");
  const isType = error.reason === "setting_wrong" && /^expected (?!one of)/.test(message);
  return isType ? t("channels.wrong-form") : sentenceOf({ ...error, text: message });
}
