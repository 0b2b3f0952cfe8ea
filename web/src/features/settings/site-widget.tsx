import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../../api/calls";
import { isProblem } from "../../api/problem";
import type { WidgetConfig } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../ui/button";
import { channelKindName } from "../../ui/channel-kind";
import { Failed } from "../../ui/empty";
import { say } from "../../ui/toast";

type Offered = WidgetConfig | "loading" | "off" | "failed";

/** What to put on the company's website, and what it then offers. */
export function SiteWidget() {
  const [offered, setOffered] = useState<Offered>("loading");
  const load = async (): Promise<void> => {
    setOffered("loading");
    try {
      setOffered(await api.widget());
    } catch (error) {
      setOffered(isProblem(error) && error.status === 404 ? "off" : "failed");
    }
  };
  useEffect(() => void load(), []);
  return (
    <section class="card">
      <h2>{t("widget.title")}</h2>
      {offered === "failed" && (
        <Failed text={t("widget.load-failed")} retryLabel={t("retry")} onRetry={() => void load()} />
      )}
      {offered === "off" && <p class="muted">{t("widget.off")}</p>}
      {typeof offered === "object" && <Snippet offered={offered} />}
    </section>
  );
}

function Snippet({ offered }: { offered: WidgetConfig }) {
  const field = useRef<HTMLInputElement>(null);
  const snippet = `<script src="${location.origin}/widget.js" async></script>`;
  const names = offered.channels.map(({ kind, name }) =>
    name.includes(channelKindName(kind)) ? name : `${name} (${channelKindName(kind)})`,
  );
  const copy = async (): Promise<void> => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(snippet);
      say(t("widget.copied"));
    } catch {
      // Not allowed here, as without https: the text is selected for copying by hand.
    }
  };
  return (
    <>
      <p class="muted">{t("widget.explained")}</p>
      <div class="snippet">
        <input ref={field} class="input" readOnly value={snippet} aria-label={t("widget.snippet")} />
        <Button onClick={() => void copy()}>{t("widget.copy")}</Button>
      </div>
      <p>{names.length > 0 ? t("widget.offers", { names: names.join(", ") }) : t("widget.offers-nothing")}</p>
    </>
  );
}
