import { isProblem, Unreachable, type ApiProblem } from "../api/problem";
import { locale, t, translate, type Locale, type Params } from ".";
import { en, type Key } from "./en";

interface Sentence {
  /** The server's own words, in English. */
  text: string;
  reason?: string | null;
  params?: Params;
}

export function isKey(text: string): text is Key {
  return Object.hasOwn(en, text);
}

/** A sentence of the server's in the reader's language, where the catalogue has its reason; else as the server says it. */
export function sentenceOf({ text, reason, params }: Sentence, language: Locale = locale.value): string {
  const key = `reason.${reason}`;
  return language === "en" || !isKey(key) ? text : translate(language, key, params);
}

/** Why something did not work, whatever was thrown. */
export function troubleText(error: unknown): string {
  if (isProblem(error)) return refusalText(error);
  const said = error instanceof Unreachable ? error.problem : null;
  return said?.reason === undefined ? t("action.unreachable") : refusalText(said);
}

/** Why a request was refused: each field that was wrong, or what was wrong with all of it. */
export function refusalText(problem: ApiProblem, language: Locale = locale.value): string {
  const { errors, reason, params, message, status } = problem;
  if (errors.length > 0) {
    const sentences = errors.map((each) => sentenceOf({ ...each, text: each.message }, language));
    return [...new Set(sentences)].join(" ");
  }
  if (reason !== undefined || language === "en") {
    return sentenceOf({ text: message, reason, params }, language);
  }
  const key = `problem.${status}`;
  return translate(language, isKey(key) ? key : "problem.other", { detail: message });
}
