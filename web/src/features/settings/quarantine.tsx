import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../../api/calls";
import type { QuarantineItem } from "../../api/types";
import { address, navigate, withQuery } from "../../app/router";
import { t } from "../../i18n";
import { dateAndTime, fileSize } from "../../i18n/dates";
import { sentenceOf } from "../../i18n/refusal";
import { Button } from "../../ui/button";
import { ChannelMark } from "../../ui/channel-mark";
import { Failed } from "../../ui/empty";
import { Switch } from "../../ui/switch";
import { QUARANTINE } from "../channels/alarms";

/** What came signed from a provider but was not understood, or instead what was ignored knowingly. */
export function Quarantine() {
  const [items, setItems] = useState<readonly QuarantineItem[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [state, setState] = useState<"loading" | "ready" | "failed">("loading");

  const ignored = useSignal(false);

  const load = async (from: string | null, wanted: boolean): Promise<void> => {
    setState("loading");
    try {
      const page = await api.quarantine(from, wanted);
      if (wanted !== ignored.peek()) return; // the other list was asked for meanwhile
      setItems((known) => (from === null ? page.items : [...known, ...page.items]));
      setCursor(page.cursor);
      setState("ready");
    } catch {
      if (wanted === ignored.peek()) setState("failed");
    }
  };
  useSignalEffect(() => {
    setItems([]);
    setCursor(null);
    void load(null, ignored.value);
  });

  const heading = useRef<HTMLHeadingElement>(null);
  const isWanted = address.value.query.has(QUARANTINE) && state !== "loading";
  useEffect(() => {
    if (!isWanted) return;
    heading.current?.scrollIntoView({ block: "start" });
    heading.current?.focus({ preventScroll: true });
    // Once: coming back to this page is no wish to see it again.
    navigate(withQuery("/settings/channels", { [QUARANTINE]: null }), { replace: true });
  }, [isWanted]);

  return (
    <section class="card">
      <h2 ref={heading} tabIndex={-1}>
        {t("quarantine.title")}
      </h2>
      <p class="muted">{t(ignored.value ? "quarantine.ignored-explained" : "quarantine.explained")}</p>
      <Switch choice={ignored} label={t("quarantine.show-ignored")} />
      {state === "failed" && (
        <Failed
          text={t("quarantine.load-failed")}
          retryLabel={t("retry")}
          onRetry={() => void load(null, ignored.value)}
        />
      )}
      {state === "ready" && items.length === 0 && <p>{t("quarantine.empty")}</p>}
      {items.map((item) => (
        <details key={item.id} class="quarantined">
          <summary>
            <ChannelMark kind={item.channel.kind} label />
            <span class="one-line">
              {item.channel.name} · {sentenceOf({ ...item, text: item.why })}
            </span>
            <span class="muted number">
              {t("quarantine.times", { n: item.count })} · {dateAndTime(item.lastAt)} · {fileSize(item.size)}
            </span>
          </summary>
          <pre class="scroller">{item.body}</pre>
        </details>
      ))}
      {cursor !== null && (
        <Button disabled={state === "loading"} onClick={() => void load(cursor, ignored.value)}>
          {t("load-more")}
        </Button>
      )}
    </section>
  );
}
