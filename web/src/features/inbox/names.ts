import type { AttachmentView, Author, ContactRef, Dialog } from "../../api/types";
import { t } from "../../i18n";
import type { Key } from "../../i18n/en";

/** What a contact is called: the name, or the address where the channel told none. */
export function contactName(contact: ContactRef): string {
  return contact.name === "" ? contact.address : contact.name;
}

const ATTACHMENTS: Record<string, Key> = {
  image: "attachment.image",
  video: "attachment.video",
  video_note: "attachment.video",
  audio: "attachment.audio",
  voice: "attachment.voice",
  file: "attachment.file",
  sticker: "attachment.sticker",
  location: "attachment.location",
  contact: "attachment.contact",
  link: "attachment.link",
  template: "attachment.template",
};

export function attachmentName(kind: string): string {
  return t(ATTACHMENTS[kind] ?? "attachment.file");
}

/** What people record or stick on have no names of their own: those that providers give them tell nobody anything. */
const NAMELESS = new Set(["voice", "video_note", "sticker"]);

/** What an attachment is called: the name that its sender gave it, else what it is. */
export function fileName({ kind, name }: Pick<AttachmentView, "kind" | "name">): string {
  return name === undefined || NAMELESS.has(kind) ? attachmentName(kind) : name;
}

/** The number on a contact card.  Telegram leaves the + of its international numbers out, and without one it dials here. */
export function cardNumber(phone: string, channelKind: string | undefined): string {
  return channelKind === "telegram" && /^\d/.test(phone) ? `+${phone}` : phone;
}

/** Who wrote or did something; a colleague who wrote in the provider's own app has no account here. */
export function authorName({ type, id, name }: Author): string {
  if (type === "agent" && id === null) return t("author.elsewhere");
  if (name !== "") return name;
  return t(type === "contact" ? "author.contact" : "author.system");
}

/** The last line of a dialog: its text, or what was sent instead; ours with who wrote it, "You" being `me`. */
export function previewText(
  dialog: Pick<Dialog, "preview" | "lastRepliedBy">,
  me: string | undefined,
): string {
  const { preview, lastRepliedBy } = dialog;
  if (preview === null) return t("inbox.no-messages");
  const text =
    preview.text !== ""
      ? preview.text
      : preview.attachment === null
        ? t("inbox.no-text")
        : attachmentName(preview.attachment);
  if (preview.direction === "inbound") return text;
  if (lastRepliedBy?.type !== "agent" || lastRepliedBy.id === me) return t("inbox.you", { text });
  const colleague = authorName(lastRepliedBy);
  return `${lastRepliedBy.id === null ? colleague : firstName(colleague)}: ${text}`;
}

function firstName(name: string): string {
  return name.split(" ")[0] ?? name;
}
