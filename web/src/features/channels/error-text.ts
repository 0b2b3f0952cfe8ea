import type { Channel } from "../../api/types";
import { locale, translate, type Locale } from "../../i18n";
import { isKey } from "../../i18n/refusal";
import { failureText } from "../thread/failure-text";

type Told = Pick<Channel, "lastError" | "lastErrorCode" | "lastErrorSaid">;

/** What is wrong with a channel.  The server's sentence is English; others get what its code means, and the provider's words. */
export function channelErrorText(channel: Told, language: Locale = locale.value): string {
  const { lastError, lastErrorCode: code, lastErrorSaid: said } = channel;
  const text = lastError ?? "";
  if (language === "en" || code === null) return text;
  const key = `channel-error.${code}`;
  if (isKey(key)) return translate(language, key, { said: said ?? "" });
  return failureText({ code, text, providerCode: said }, language);
}

export function mendedText(mended: string, language: Locale = locale.value): string {
  return language === "en" ? mended : translate(language, "channel-error.mended");
}
