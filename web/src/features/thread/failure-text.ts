import type { Message } from "../../api/types";
import { locale, translate, type Locale } from "../../i18n";
import { isKey } from "../../i18n/refusal";

type Failure = NonNullable<Message["failure"]>;

/** Codes that say little by themselves: here the provider's own words are quoted as they are. */
const VAGUE = new Set(["rejected", "undelivered", "not_delivered", "provider_trouble", "no_clear_answer"]);

/** Why a message was not delivered.  The server's sentence is English and says more; others get the sense of its code. */
export function failureText(failure: Failure | null, language: Locale = locale.value): string {
  if (failure === null) return "";
  const key = `failure.${failure.code}`;
  if (language === "en" || !isKey(key)) return failure.text;
  const { code, providerCode } = failure;
  const quote = VAGUE.has(code) && providerCode ? ` („${providerCode}”)` : "";
  return translate(language, key) + quote;
}
