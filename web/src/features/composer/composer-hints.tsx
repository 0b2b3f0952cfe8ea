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
  linkButtons: number;
  /** One of the link buttons is only begun. */
  isLinkWrong: boolean;
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
function WhatItBecomes(props: ComposerHintsProps) {
  const { kind, text, attachments, capabilities } = props;
  if (capabilities === undefined) return null;
  const [hasQuickReplies, hasLinkButtons] = [props.quickReplies > 0, props.linkButtons > 0];
  const draft = { kind, text, attachments, hasQuickReplies, hasLinkButtons };
  const { parts, apart } = outcome(draft, capabilities);
  return (
    <>
      {hasQuickReplies && text.trim() === "" && (
        <span role="status">{t("composer.quick-replies-need-text")}</span>
      )}
      {(hasLinkButtons || props.isLinkWrong) && <AboutLinks {...props} />}
      {parts > 1 && (
        <span class="number" role="status" data-testid="text-parts">
          {t("composer.text-parts", { n: parts })}
        </span>
      )}
      {apart && <span role="status">{t("composer.text-apart")}</span>}
    </>
  );
}

/** What is missing, and what the customer's app makes of link buttons that nobody would expect. */
function AboutLinks({ text, isLinkWrong, linkButtons, capabilities }: ComposerHintsProps) {
  const rule = capabilities?.linkButtons;
  return (
    <>
      {isLinkWrong && <span role="status">{t("composer.link-button-incomplete")}</span>}
      {linkButtons > 0 && text.trim() === "" && (
        <span role="status">{t("composer.link-buttons-need-text")}</span>
      )}
      {rule?.fleeting && <span>{t("composer.link-buttons-fleeting")}</span>}
      {rule?.sendsAddress && <span>{t("composer.link-buttons-send-address")}</span>}
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
