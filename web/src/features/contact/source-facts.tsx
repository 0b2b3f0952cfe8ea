import type { Source } from "../../api/types";
import { t } from "../../i18n";
import type { Key } from "../../i18n/en";
import { sourceText } from "./source-text";

const FACTS: readonly (readonly [keyof Source, Key])[] = [
  ["campaign", "source.campaign"],
  ["landingPage", "source.landing-page"],
  ["referrer", "source.referrer"],
];

/** The visit to the website that led to a dialog. */
export function SourceFacts({ source }: { source: Source | null }) {
  if (source === null) return <p class="muted">{t("source.unknown")}</p>;
  const origin = sourceText(source);
  return (
    <dl class="facts">
      {origin !== "" && <Fact name={t("source.source")} value={origin} />}
      {FACTS.map(
        ([field, key]) => source[field] !== "" && <Fact key={field} name={t(key)} value={source[field]} />,
      )}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt class="muted">{name}</dt>
      <dd title={value}>{value}</dd>
    </>
  );
}
