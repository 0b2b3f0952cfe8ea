import type { Source } from "../../api/types";
import { t } from "../../i18n";

/** “google / cpc”. */
export function sourceText({ source, medium }: Source): string {
  return [source, medium].filter((part) => part !== "").join(" / ");
}

/** Everything that is known about where a dialog came from, by name. */
export function sourceFacts(source: Source | null): [name: string, value: string][] {
  if (source === null) return [[t("source.source"), t("source.unknown")]];
  const facts: [string, string][] = [
    [t("source.source"), sourceText(source)],
    [t("source.campaign"), source.campaign],
    [t("source.landing-page"), shortAddress(source.landingPage)],
    [t("source.referrer"), shortAddress(source.referrer)],
  ];
  return facts.filter(([, value]) => value !== "");
}

/** An address as people say it: without the scheme. */
export function shortAddress(address: string): string {
  return address.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");
}
