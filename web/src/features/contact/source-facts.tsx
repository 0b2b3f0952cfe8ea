import type { Source } from "../../api/types";
import { t } from "../../i18n";
import { sourceFacts } from "./source-text";

/** The visit to the website that led to a dialog. */
export function SourceFacts({ source }: { source: Source | null }) {
  if (source === null) return <p class="muted">{t("source.unknown")}</p>;
  return (
    <dl class="facts">
      {sourceFacts(source).map(([name, value]) => [
        <dt key={`${name} name`} class="muted">
          {name}
        </dt>,
        <dd key={name}>{value}</dd>,
      ])}
    </dl>
  );
}
