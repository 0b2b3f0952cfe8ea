import { useEffect, useState } from "preact/hooks";

import { t } from "../i18n";
import { timeOfDay } from "../i18n/dates";
import { connection, lostSince } from "../realtime/connection";
import { announce } from "../ui/announcer";

/** Losses that mend themselves this quickly are not worth a word. */
const GRACE_MS = 1_500;
const OFFLINE_AFTER_MS = 10_000;

type Shown = "live" | "reconnecting" | "offline";

/** Whether the screen is up to date: a dot while it is, words when it is not. */
export function ConnectionPill() {
  const shown = useShown();
  const since = lostSince.value;
  const text =
    shown === "offline" && since !== null
      ? t("connection.offline", { time: timeOfDay(since) })
      : t(shown === "live" ? "connection.live" : "connection.reconnecting");

  useEffect(() => {
    if (shown !== "live") announce(text);
  }, [shown]);

  return (
    <div class={`pill pill-${shown}`} title={text} data-testid="connection" data-state={shown}>
      <span class="pill-dot" />
      <span class={shown === "live" ? "only-read-aloud" : "pill-text"}>{text}</span>
    </div>
  );
}

function useShown(): Shown {
  const isLive = connection.value === "live";
  const since = lostSince.value;
  const [shown, setShown] = useState<Shown>("live");
  useEffect(() => {
    if (isLive || since === null) {
      setShown("live");
      return;
    }
    const grace = setTimeout(() => setShown("reconnecting"), GRACE_MS);
    const offline = setTimeout(() => setShown("offline"), OFFLINE_AFTER_MS);
    return () => {
      clearTimeout(grace);
      clearTimeout(offline);
    };
  }, [isLive, since]);
  return shown;
}
