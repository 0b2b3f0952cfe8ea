import type { ComponentChildren } from "preact";

import type { AttachmentView, UploadedAttachment } from "../../api/types";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { inbox } from "../../realtime/store";
import { Button } from "../../ui/button";
import { Ticks } from "../../ui/ticks";
import { unconfirmed } from "../composer/confirmed";
import { beginWriting } from "../composer/focus";
import { discard, pendingOf, resend, sendAnyway } from "../composer/outbox";
import type { PendingMessage } from "../composer/outbox-storage";
import { setTarget } from "../composer/reply-target";
import { bringBack } from "../composer/uploads";
import { Attachment } from "./attachment";
import { authorOf } from "./author";
import { Quote } from "./quote";

/** Messages of ours that the server has not confirmed yet. */
export function PendingBubbles({ dialogId, me }: { dialogId: string; me: string }) {
  const messages = inbox.value.messages.get(dialogId)?.values() ?? [];
  const pending = unconfirmed(pendingOf(dialogId), messages, me);
  return (
    <>
      {pending.map((one) => (
        <div
          key={one.key}
          class={`group group-${one.kind === "note" ? "note" : "outbound"}`}
          data-testid="pending-message"
        >
          <div class="bubble-line">
            <div class="bubble bubble-pending">
              {one.replyTo && <Quote dialogId={dialogId} messageId={one.replyTo} />}
              {one.attachments.map((attachment) => (
                <Attachment key={attachment.id} attachment={viewOf(attachment)} channelKind={undefined} />
              ))}
              {one.text !== "" && (
                <p class="bubble-text" dir="auto">
                  {one.text}
                </p>
              )}
            </div>
            <PendingState pending={one} />
          </div>
        </div>
      ))}
    </>
  );
}

/** As it will look once the server has the message: what was uploaded is there already. */
function viewOf({ width, height, ...rest }: UploadedAttachment): AttachmentView {
  return { ...rest, state: "stored", width: width ?? undefined, height: height ?? undefined };
}

function PendingState({ pending }: { pending: PendingMessage }) {
  switch (pending.state) {
    case "queued":
    case "sending":
      return (
        <span class="bubble-footer">
          <Ticks state="sending" parts={[]} />
        </span>
      );
    case "waiting":
      return (
        <Held text={t("outbox.waiting")}>
          <Button kind="quiet" icon="retry" onClick={() => resend(pending)}>
            {t("retry")}
          </Button>
          <Discard pending={pending} />
        </Held>
      );
    case "refused":
      return (
        <Held text={t("outbox.not-sent", { reason: pending.reason ?? "" })}>
          <EditAgain pending={pending} />
          <Discard pending={pending} />
        </Held>
      );
    case "moved_on":
      return <MovedOn pending={pending} />;
  }
}

function Held({ text, children }: { text: string; children: ComponentChildren }) {
  return (
    <div class="trouble trouble-unknown" role="alert">
      <span>{text}</span>
      <span class="trouble-actions">{children}</span>
    </div>
  );
}

/** Somebody wrote while this message was written: show what, and let the author decide. */
function MovedOn({ pending }: { pending: PendingMessage }) {
  const thread = inbox.value.messages.get(pending.dialogId);
  const missed = (pending.missed ?? []).flatMap((id) => thread?.get(id) ?? []);
  return (
    <div class="moved-on" role="alert" data-testid="moved-on">
      <p class="moved-on-title">{t("outbox.moved-on", { n: Math.max(1, missed.length) })}</p>
      {missed.slice(-3).map((message) => (
        <p key={message.id} class="moved-on-message" dir="auto">
          <span class="muted">{authorOf(message)}: </span>
          {message.text}
        </p>
      ))}
      <span class="trouble-actions">
        <Button kind="primary" onClick={() => sendAnyway(pending)}>
          {t("outbox.send-anyway")}
        </Button>
        <EditAgain pending={pending} />
        <Discard pending={pending} />
      </span>
    </div>
  );
}

function EditAgain({ pending }: { pending: PendingMessage }) {
  return (
    <Button
      kind="quiet"
      onClick={() => {
        discard(pending.key);
        if (pending.kind === "message") {
          bringBack(currentSession().agent.id, pending.dialogId, pending.attachments);
          if (pending.replyTo) setTarget(pending.dialogId, pending.replyTo);
        }
        beginWriting(pending.kind, pending.text);
      }}
    >
      {t("outbox.edit")}
    </Button>
  );
}

function Discard({ pending }: { pending: PendingMessage }) {
  return (
    <Button kind="quiet" onClick={() => discard(pending.key)}>
      {t("outbox.discard")}
    </Button>
  );
}
