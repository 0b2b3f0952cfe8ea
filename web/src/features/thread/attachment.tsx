import { useState } from "preact/hooks";

import { API } from "../../api/client";
import type { AttachmentView } from "../../api/types";
import { t } from "../../i18n";
import { fileSize } from "../../i18n/dates";
import { Icon } from "../../ui/icons";
import { attachmentName } from "../inbox/names";
import { Lightbox } from "./lightbox";

const INLINE_TYPES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export function Attachment({ attachment }: { attachment: AttachmentView }) {
  if (attachment.kind === "location" && attachment.latitude !== undefined)
    return <Place attachment={attachment} />;
  if (attachment.kind === "contact") return <ContactCard attachment={attachment} />;
  if (attachment.state === "pending") return <Placeholder text={t("attachment.pending")} />;
  if (attachment.state === "failed") return <Placeholder text={t("attachment.failed")} />;
  if (attachment.state !== "stored") return <Unstored attachment={attachment} />;
  if (attachment.mime !== undefined && INLINE_TYPES.has(attachment.mime))
    return <Picture attachment={attachment} />;
  return <Download attachment={attachment} />;
}

function Picture({ attachment }: { attachment: AttachmentView }) {
  const [open, setOpen] = useState(false);
  const [broken, setBroken] = useState(false);
  const address = `${API}/attachments/${attachment.id}`;
  const name = attachment.name ?? attachmentName(attachment.kind);
  if (broken) return <Placeholder text={t("attachment.broken")} />;
  return (
    <>
      <button
        type="button"
        class="picture"
        aria-label={t("attachment.open", { name })}
        onClick={() => setOpen(true)}
      >
        <img src={address} alt={name} loading="lazy" onError={() => setBroken(true)} />
      </button>
      {open && <Lightbox address={address} name={name} onClose={() => setOpen(false)} />}
    </>
  );
}

function Download({ attachment }: { attachment: AttachmentView }) {
  const name = attachment.name ?? attachmentName(attachment.kind);
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
  const { latitude = 0, longitude = 0, title } = attachment;
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
        <span class="muted number">{coordinates}</span>
      </span>
    </a>
  );
}

function ContactCard({ attachment }: { attachment: AttachmentView }) {
  const { phone, title, name } = attachment;
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
    <span class="file-chip file-chip-plain">
      <Icon name="file" />
      <span class="muted">{text}</span>
    </span>
  );
}
