import type { Message } from "../../api/types";
import { locale, translate, type Locale } from "../../i18n";
import { en, type Key } from "../../i18n/en";

type Failure = NonNullable<Message["failure"]>;

function isKey(text: string): text is Key {
  return Object.hasOwn(en, text);
}

/** Why a message was not delivered.  The server's sentence is English and says more; others get the sense of its code. */
export function failureText(failure: Failure | null, language: Locale = locale.value): string {
  if (failure === null) return "";
  const key = `failure.${failure.code}`;
  return language !== "en" && isKey(key) ? translate(language, key) : failure.text;
}
