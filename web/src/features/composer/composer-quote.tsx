import { t } from "../../i18n";
import { inbox } from "../../realtime/store";
import { IconButton } from "../../ui/button";
import { Icon } from "../../ui/icons";
import { authorOf } from "../thread/author";
import { quotedText } from "../thread/quote";
import { setTarget } from "./reply-target";

/** Which message the reply answers, until it is sent or let go. */
export function ComposerQuote({ dialogId, messageId }: { dialogId: string; messageId: string }) {
  const quoted = inbox.value.messages.get(dialogId)?.get(messageId);
  if (quoted === undefined) return null;
  const name = authorOf(quoted);
  return (
    <div class="composer-quote" data-testid="composer-quote">
      <Icon name="reply" size={16} />
      <span class="composer-quote-text">
        <span class="only-read-aloud">{t("composer.replying-to", { name })}</span>
        <strong class="one-line" aria-hidden="true">
          {name}
        </strong>
        <span class="one-line muted" dir="auto">
          {quotedText(quoted)}
        </span>
      </span>
      <IconButton icon="close" label={t("composer.no-quote")} onClick={() => setTarget(dialogId, null)} />
    </div>
  );
}
