import type { Capabilities, Dialog } from "../../api/types";
import { now } from "../../app/clock";
import { t } from "../../i18n";
import { duration, fullTime } from "../../i18n/dates";
import { Icon } from "../../ui/icons";
import type { ComposeKind } from "./drafts";
import { replyWindow, textLength } from "./limits";
import { countSegments } from "./segments";

const WINDOW_SOON_MS = 4 * 60 * 60_000;

interface ComposerHintsProps {
  kind: ComposeKind;
  text: string;
  limit: number | null;
  dialog: Dialog;
  capabilities: Capabilities | undefined;
}

/** What this channel takes, said before sending. */
export function ComposerHints({ kind, text, limit, dialog, capabilities }: ComposerHintsProps) {
  if (kind === "note") {
    return (
      <p class="hints">
        <Icon name="lock" size={14} />
        {t("composer.note-private")}
      </p>
    );
  }
  const isSendOnly = capabilities !== undefined && !capabilities.receive;
  return (
    <p class="hints" data-testid="composer-hints">
      {isSendOnly && <span class="hint-warn">{t("composer.send-only")}</span>}
      {dialog.optedOut && <span class="hint-warn">{t("composer.opted-out")}</span>}
      <WindowLeft dialog={dialog} capabilities={capabilities} />
      {capabilities?.segments && text !== "" && <Parts text={text} />}
      <LengthLeft text={text} limit={limit} />
    </p>
  );
}

function Parts({ text }: { text: string }) {
  const { encoding, parts, left } = countSegments(text.trim());
  return (
    <span class="number" title={t(encoding === "GSM-7" ? "composer.gsm" : "composer.ucs2")}>
      {t("composer.parts", { n: parts })} · {t("composer.places-left", { n: left })}
    </span>
  );
}

function LengthLeft({ text, limit }: { text: string; limit: number | null }) {
  const length = textLength(text.trim());
  if (limit === null || length < limit * 0.8) return null;
  const left = limit - length;
  if (left < 0) {
    return (
      <span class="hint-danger number" role="status">
        {t("composer.too-long", { n: -left })}
      </span>
    );
  }
  return <span class="number">{t("composer.characters-left", { n: left })}</span>;
}

/** Counts down until the lock; says so when the message goes out under another rule than a plain reply. */
function WindowLeft({ dialog, capabilities }: { dialog: Dialog; capabilities: Capabilities | undefined }) {
  const window = replyWindow(dialog, capabilities, now.value);
  if (window === null) return null;
  const left = window.until - now.value;
  if (left <= 0) return null;
  const isWarning = window.isHumanAgent || left < WINDOW_SOON_MS;
  return (
    <span
      class={`number ${isWarning ? "hint-warn" : ""}`}
      title={fullTime(new Date(window.until).toISOString())}
    >
      {t(window.isHumanAgent ? "composer.window-human" : "composer.window-left", { length: duration(left) })}
    </span>
  );
}
