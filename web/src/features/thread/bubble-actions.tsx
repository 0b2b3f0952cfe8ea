import type { Message } from "../../api/types";
import { isTouch } from "../../app/viewport";
import { t } from "../../i18n";
import { IconButton } from "../../ui/button";
import { answerMessage, canBeAnswered } from "../composer/reply-target";
import { ReactionMenu } from "./reaction-menu";
import { useReactionsFor } from "./reacting";

/** What can be done with a message: beside it for whoever points at it, in one menu where fingers need the room. */
export function BubbleActions({ message }: { message: Message }) {
  const rule = useReactionsFor(message);
  const answerable = canBeAnswered(message);
  if (!answerable && rule === null) return null;
  const together = isTouch.value && rule !== null;
  return (
    <div class="bubble-actions">
      {answerable && !together && (
        <IconButton icon="reply" label={t("message.reply")} onClick={() => answerMessage(message)} />
      )}
      {rule !== null && (
        <ReactionMenu
          message={message}
          rule={rule}
          onReply={together && answerable ? () => answerMessage(message) : undefined}
        />
      )}
    </div>
  );
}
