import { useState } from "preact/hooks";

import { API } from "../../api/client";
import type { AttachmentView } from "../../api/types";
import { t } from "../../i18n";
import { fileSize } from "../../i18n/dates";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icons";
import { attachmentName, cardNumber, fileName } from "../inbox/names";
import { fetchAgain } from "./actions";
import { Lightbox } from "./lightbox";

/** What a browser's own player is given; where it can't play it, there is the download. */
const PLAYED_TYPES = /^(audio\/(ogg|mpeg|mp4|aac|wav|flac)|video\/(mp4|webm))$/;
const INLINE_TYPES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

const SHOWN_WIDTH = 260;
const SHOWN_HEIGHT = 320;
const STICKER_SIZE = 132;
const PLAYER_WIDTH = 280;

interface AttachmentProps {
  attachment: AttachmentView;
  /** Of the channel it came by. */
  channelKind: string | undefined;
}

export function Attachment({ attachment, channelKind }: AttachmentProps) {
  if (attachment.kind === "location" && attachment.latitude !== undefined)
    return <Place attachment={attachment} />;
  if (attachment.kind === "contact") return <ContactCard attachment={attachment} channelKind={channelKind} />;
  if (attachment.state === "pending" || attachment.state === "failed")
    return <NotHere attachment={attachment} />;
  if (attachment.state !== "stored") return <Unstored attachment={attachment} />;
  if (attachment.mime !== undefined && INLINE_TYPES.has(attachment.mime))
    return <Picture attachment={attachment} />;
  if (attachment.mime !== undefined && PLAYED_TYPES.test(attachment.mime))
    return <Played attachment={attachment} mime={attachment.mime} />;
  return <Download attachment={attachment} />;
}

function Picture({ attachment }: { attachment: AttachmentView }) {
  const [open, setOpen] = useState(false);
  const [broken, setBroken] = useState(false);
  const address = `${API}/attachments/${attachment.id}`;
  const { width, height } = attachment;
  const isSticker = attachment.kind === "sticker";
  const isMeasured = width !== undefined && height !== undefined;
  const name = fileName(attachment);
  if (broken) return <Placeholder text={t("attachment.broken")} />;
  return (
    <>
      <button
        type="button"
        class={`picture ${isMeasured ? "" : "picture-unmeasured"} ${isSticker ? "picture-sticker" : ""}`}
        aria-label={t("attachment.open", { name })}
        onClick={() => setOpen(true)}
      >
        <img
          src={isMeasured ? `${address}/thumbnail` : address}
          {...(isMeasured ? shownSize(width, height, isSticker ? STICKER_SIZE : SHOWN_WIDTH) : {})}
          alt={name}
          loading="lazy"
          onError={() => setBroken(true)}
        />
      </button>
      {open && <Lightbox address={address} name={name} onClose={() => setOpen(false)} />}
    </>
  );
}

/** The size at which a picture is shown: of one with a thumbnail before it is loaded, so that nothing jumps. */
export function shownSize(
  width: number,
  height: number,
  widest = SHOWN_WIDTH,
): { width: number; height: number } {
  const scale = Math.min(1, widest / width, SHOWN_HEIGHT / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function Played({ attachment, mime }: { attachment: AttachmentView; mime: string }) {
  const [broken, setBroken] = useState(false);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const label = fileName(attachment);
  const address = `${API}/attachments/${attachment.id}`;
  if (broken) return <Download attachment={attachment} />;
  // Nobody has captions for what a customer recorded.
  if (mime.startsWith("audio/"))
    return (
      <span class="played">
        {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
        <audio controls preload="none" src={address} aria-label={label} onError={() => setBroken(true)} />
        <Download attachment={attachment} />
      </span>
    );
  return (
    <span class="played">
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
      <video
        controls
        playsInline
        preload="metadata"
        src={address}
        {...size}
        aria-label={label}
        onLoadedMetadata={({ currentTarget: { videoWidth, videoHeight } }) => {
          // 0 by 0 is sound without a picture.
          if (videoWidth > 0) setSize(shownSize(videoWidth, videoHeight, PLAYER_WIDTH));
        }}
        onError={() => setBroken(true)}
      />
      <Download attachment={attachment} />
    </span>
  );
}

/** What is still to be fetched, or could not be: why, and a way to have it tried now. */
function NotHere({ attachment }: { attachment: AttachmentView }) {
  const { state, failure, retryable, id } = attachment;
  const [busy, setBusy] = useState(false);
  if (failure === undefined)
    return <Placeholder text={t(state === "pending" ? "attachment.pending" : "attachment.failed")} />;
  const name = fileName(attachment);
  return (
    <span class="file-chip file-chip-wraps">
      <Icon name="file" />
      <span class="file-name" role="status">
        <span>{t(state === "pending" ? "attachment.waiting" : "attachment.failed")}</span>
        <span class="muted">{whyOf(failure)}</span>
      </span>
      {retryable === true && (
        <Button
          kind="quiet"
          icon="retry"
          disabled={busy}
          aria-label={t("attachment.retry-of", { name })}
          onClick={() => {
            setBusy(true);
            void fetchAgain(id).finally(() => setBusy(false));
          }}
        >
          {t("attachment.retry")}
        </Button>
      )}
    </span>
  );
}

function whyOf(failure: string): string {
  switch (failure) {
    case "too_large":
      return t("attachment.why-too-large");
    case "refused":
      return t("attachment.why-refused");
    case "gone":
      return t("attachment.why-gone");
    case "denied":
      return t("attachment.why-denied");
    case "unreachable":
      return t("attachment.why-unreachable");
    case "slow":
      return t("attachment.why-slow");
    default:
      return t("attachment.why-provider");
  }
}

function Download({ attachment }: { attachment: AttachmentView }) {
  const name = fileName(attachment);
  return (
    <a
      class="file-chip"
      href={`${API}/attachments/${attachment.id}?download=1`}
      download={attachment.name ?? true}
    >
      <Icon name="file" />
      <span class="file-name">
        <span class="one-line" dir="auto">
          {name}
        </span>
        {attachment.size !== undefined && <span class="muted number">{fileSize(attachment.size)}</span>}
      </span>
      <Icon name="download" size={16} />
    </a>
  );
}

function Place({ attachment }: { attachment: AttachmentView }) {
  const { latitude = 0, longitude = 0, title, name } = attachment;
  const coordinates = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  return (
    <a
      class="file-chip"
      href={`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`}
      target="_blank"
      rel="noopener noreferrer"
    >
      <Icon name="pin" />
      <span class="file-name">
        <span class="one-line" dir="auto">
          {title ?? attachmentName("location")}
        </span>
        {name !== undefined && (
          <span class="muted one-line" dir="auto">
            {name}
          </span>
        )}
        <span class="muted number">{coordinates}</span>
      </span>
    </a>
  );
}

function ContactCard({ attachment, channelKind }: AttachmentProps) {
  const { title, name } = attachment;
  const phone = attachment.phone === undefined ? undefined : cardNumber(attachment.phone, channelKind);
  return (
    <span class="file-chip">
      <Icon name="person" />
      <span class="file-name">
        <span class="one-line" dir="auto">
          {title ?? name ?? attachmentName("contact")}
        </span>
        {phone !== undefined && <a href={`tel:${phone.replace(/[^\d+]/g, "")}`}>{phone}</a>}
      </span>
    </span>
  );
}

/** A link or a template has no bytes; what there is to say of it stands in its title or address. */
function Unstored({ attachment }: { attachment: AttachmentView }) {
  const { url, title } = attachment;
  if (url !== undefined && /^https?:\/\//i.test(url)) {
    return (
      <a class="file-chip" href={url} target="_blank" rel="noopener noreferrer">
        <Icon name="file" />
        <span class="one-line">{title ?? url}</span>
      </a>
    );
  }
  return <Placeholder text={title ?? attachmentName(attachment.kind)} />;
}

function Placeholder({ text }: { text: string }) {
  return (
    <span class="file-chip">
      <Icon name="file" />
      <span class="muted">{text}</span>
    </span>
  );
}
