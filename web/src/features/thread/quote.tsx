import type { Message } from "../../api/types";
import { t } from "../../i18n";
import { inbox } from "../../realtime/store";
import { fileName } from "../inbox/names";

/** A message in one line. */
export function quotedText({ text, attachments, deletedAt }: Message): string {
  const [first] = attachments;
  if (deletedAt !== null) return t("message.deleted");
  return text === "" && first !== undefined ? fileName(first) : text;
}

/** The message that another one answers, when it is here. */
export function Quote({ dialogId, messageId }: { dialogId: string; messageId: string }) {
  const quoted = inbox.value.messages.get(dialogId)?.get(messageId);
  if (quoted === undefined) return null;
  return (
    <blockquote class="quote one-line" dir="auto">
      {quotedText(quoted)}
    </blockquote>
  );
}
