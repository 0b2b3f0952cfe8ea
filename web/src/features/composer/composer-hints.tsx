import type { Capabilities, Dialog } from "../../api/types";
import { now } from "../../app/clock";
import { t } from "../../i18n";
import { duration, fullTime } from "../../i18n/dates";
import { Icon } from "../../ui/icons";
import type { ComposeKind } from "./drafts";
import type { FileLike } from "./files";
import { outcome, replyWindow, textLength } from "./limits";
import { countSegments } from "./segments";

const WINDOW_SOON_MS = 4 * 60 * 60_000;

interface ComposerHintsProps {
  kind: ComposeKind;
  text: string;
  limit: number | null;
  attachments: readonly FileLike[];
  quickReplies: number;
  dialog: Dialog;
  capabilities: Capabilities | undefined;
}

/** What this channel takes, said before sending. */
export function ComposerHints(props: ComposerHintsProps) {
  const { kind, text, limit, dialog, capabilities } = props;
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
      <WhatItBecomes {...props} />
      <LengthLeft text={text} limit={limit} />
    </p>
  );
}

export function Parts({ text }: { text: string }) {
  const { encoding, parts, left } = countSegments(text.trim());
  return (
    <span class="number" title={t(encoding === "GSM-7" ? "composer.gsm" : "composer.ucs2")}>
      {t("composer.parts", { n: parts })} · {t("composer.places-left", { n: left })}
    </span>
  );
}

/** How the channel will carry it, where that is not as one message. */
function WhatItBecomes({ kind, text, attachments, quickReplies, capabilities }: ComposerHintsProps) {
  if (capabilities === undefined) return null;
  const hasQuickReplies = quickReplies > 0;
  const { parts, apart } = outcome({ kind, text, attachments, hasQuickReplies }, capabilities);
  return (
    <>
      {hasQuickReplies && text.trim() === "" && (
        <span role="status">{t("composer.quick-replies-need-text")}</span>
      )}
      {parts > 1 && (
        <span class="number" role="status" data-testid="text-parts">
          {t("composer.text-parts", { n: parts })}
        </span>
      )}
      {apart && <span role="status">{t("composer.text-apart")}</span>}
    </>
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
