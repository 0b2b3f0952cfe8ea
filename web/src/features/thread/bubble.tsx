import { useSignal } from "@preact/signals";

import type { Message } from "../../api/types";
import { t } from "../../i18n";
import { fullTime, timeOfDay } from "../../i18n/dates";
import { inbox } from "../../realtime/store";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icons";
import { areUneven, Ticks } from "../../ui/ticks";
import { retryMessage } from "./actions";
import { Attachment } from "./attachment";
import { BubbleActions } from "./bubble-actions";
import { Edited, Versions } from "./edited";
import { failureText } from "./failure-text";
import { Linkified } from "./linkified";
import { OwnReaction, ReactionTrouble } from "./own-reaction";
import { Quote } from "./quote";
import { canRetry } from "./retrying";
import { useThreadZone } from "./zone";

interface BubbleProps {
  message: Message;
  /** The last of its group tells the time and how far it got; others do where there is more to tell. */
  last: boolean;
  readOnly: boolean;
}

export function Bubble({ message, last, readOnly }: BubbleProps) {
  const zone = useThreadZone();
  const troubled = message.state === "failed" || message.state === "unknown";
  const tells = last || troubled || message.payload !== null || isEdited(message) || areUneven(message.parts);
  return (
    <div class="bubble-line" data-message={message.id}>
      <div class="bubble" title={fullTime(message.at, zone)}>
        {message.replyTo !== null && <Quote dialogId={message.dialogId} messageId={message.replyTo} />}
        <Content message={message} />
        <QuickReplies message={message} />
        <LinkButtons message={message} />
        {!readOnly && <BubbleActions message={message} />}
        {message.reaction !== null && message.reaction !== "" && (
          <span
            class="reaction"
            role="img"
            aria-label={t("message.reaction", { reaction: message.reaction })}
          >
            {message.reaction}
          </span>
        )}
        <OwnReaction message={message} readOnly={readOnly} />
      </div>
      {tells && <Footer message={message} />}
      {troubled && <Trouble message={message} readOnly={readOnly} />}
      <ReactionTrouble message={message} readOnly={readOnly} />
    </div>
  );
}

function isEdited({ editedAt, deletedAt }: Message): boolean {
  return editedAt !== null && deletedAt === null;
}

function Content({ message }: { message: Message }) {
  if (message.deletedAt !== null) return <p class="bubble-text muted">{t("message.deleted")}</p>;
  const { text, attachments, unsupported } = message;
  const channelKind = inbox.value.dialogs.get(message.dialogId)?.channel.kind;
  return (
    <>
      {attachments.map((attachment) => (
        <Attachment key={attachment.id} attachment={attachment} channelKind={channelKind} />
      ))}
      {text !== "" && (
        <p class="bubble-text" dir="auto">
          <Linkified text={text} />
        </p>
      )}
      {unsupported !== null && (
        <p class="bubble-text muted">
          {isNoted(unsupported)
            ? t(NOTES[unsupported])
            : t("message.unsupported", { what: unsupported.replace(/^unsupported:/, "") })}
        </p>
      )}
    </>
  );
}

const NOTES = { call_back: "message.call-back", repeated: "message.repeated" } as const;

function isNoted(why: string): why is keyof typeof NOTES {
  return Object.hasOwn(NOTES, why);
}

/** What the customer was offered to press; it can only be pressed on their side. */
function QuickReplies({ message }: { message: Message }) {
  if (message.quickReplies.length === 0) return null;
  return (
    <ul class="quick-replies" aria-label={t("message.quick-replies")}>
      {message.quickReplies.map(({ title }) => (
        <li key={title} dir="auto">
          {title}
        </li>
      ))}
    </ul>
  );
}

/** The same with what they can open, which an agent may open too. */
function LinkButtons({ message }: { message: Message }) {
  if (message.linkButtons.length === 0) return null;
  return (
    <ul class="quick-replies" aria-label={t("message.link-buttons")}>
      {message.linkButtons.map(({ title, url }) => (
        <li key={title} class="link-button" dir="auto">
          <a href={url} title={url} target="_blank" rel="noopener noreferrer">
            <Icon name="link" size={12} />
            {title}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Footer({ message }: { message: Message }) {
  const zone = useThreadZone();
  const open = useSignal(false);
  return (
    <>
      <span class="bubble-footer">
        {message.kind === "note" && <Icon name="lock" size={12} />}
        {message.payload !== null && <span title={message.payload}>{t("message.pressed")}</span>}
        {isEdited(message) && <Edited message={message} open={open} />}
        <time class="number" dateTime={message.at} title={fullTime(message.at, zone)}>
          {timeOfDay(message.at, zone)}
        </time>
        {message.state !== null && <Ticks state={message.state} parts={message.parts} />}
      </span>
      {/* Anew for each edit: what was loaded before is not the whole any more. */}
      {open.value && isEdited(message) && <Versions key={message.editedAt} message={message} />}
    </>
  );
}

/** Which part it is about, and what sending again would send. */
function PartsTrouble({ message: { parts, failure } }: { message: Message }) {
  const part = failure?.part;
  if (part === undefined || parts.length < 2) return null;
  return <> {t("message.part", { part: String(part), of: String(parts.length) })}</>;
}

/** What went wrong, what it means for the contact, and what to do. */
function Trouble({ message, readOnly }: { message: Message; readOnly: boolean }) {
  const isUnknown = message.state === "unknown";
  return (
    <div class={`trouble ${isUnknown ? "trouble-unknown" : ""}`}>
      <span title={message.failure?.text}>
        {isUnknown
          ? t("message.unknown-means")
          : t("message.failed", { reason: failureText(message.failure) })}
        <PartsTrouble message={message} />
      </span>
      {!readOnly && canRetry(message) && (
        <Button kind="plain" icon="retry" onClick={() => void retryMessage(message)}>
          {t(isUnknown ? "message.send-again" : "retry")}
        </Button>
      )}
    </div>
  );
}
