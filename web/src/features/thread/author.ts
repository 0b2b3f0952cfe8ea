import type { Message } from "../../api/types";
import { inbox } from "../../realtime/store";
import { authorName, contactName } from "../inbox/names";

/** Who wrote a message.  A contact whose name was told only afterwards has it, not the address that the message bears. */
export function authorOf({ author, dialogId }: Message): string {
  if (author.type !== "contact") return authorName(author);
  const contact = inbox.value.dialogs.get(dialogId)?.contact;
  return contact !== undefined && contact.address === author.name ? contactName(contact) : authorName(author);
}
