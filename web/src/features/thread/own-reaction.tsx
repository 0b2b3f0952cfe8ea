import type { Message } from "../../api/types";
import { t } from "../../i18n";
import { fullTime } from "../../i18n/dates";
import { Button } from "../../ui/button";
import { react } from "./actions";
import { reactionText, reactionTrouble } from "./reaction-text";
import { useReactionsFor } from "./reacting";
import { useThreadZone } from "./zone";

interface OwnReactionProps {
  message: Message;
  readOnly: boolean;
}

/** What we put on a customer's message: pressed, it is taken back. */
export function OwnReaction({ message, readOnly }: OwnReactionProps) {
  const zone = useThreadZone();
  const canReact = useReactionsFor(message) !== null;
  const own = message.ownReaction;
  if (own === null || message.deletedAt !== null) return null;
  const { state, emoji, seen } = own;
  // What failed is told below the message; here is what the customer sees.
  const mark = state === "failed" ? seen : (emoji ?? seen);
  if (mark === null) return null;
  const look = state === "queued" ? "reaction-waiting" : state === "unknown" ? "reaction-unknown" : "";
  const text = reactionText(own);
  const title = `${text} · ${fullTime(own.at, zone)}`;
  const isTakeable = !readOnly && canReact && emoji !== null && state !== "failed";
  if (!isTakeable) {
    return (
      <span class={`reaction reaction-own ${look}`} role="img" aria-label={text} title={title}>
        {mark}
      </span>
    );
  }
  return (
    <button
      type="button"
      class={`reaction reaction-own ${look}`}
      aria-label={`${text}. ${t("reaction.take-back", { emoji: mark })}`}
      title={`${title}. ${t("reaction.take-back", { emoji: mark })}`}
      onClick={() => void react(message, null)}
    >
      {mark}
    </button>
  );
}

/** Why a reaction of ours came to nothing, and what to do about it. */
export function ReactionTrouble({ message, readOnly }: OwnReactionProps) {
  const canReact = useReactionsFor(message) !== null;
  const own = message.ownReaction;
  const trouble = own === null || message.deletedAt !== null ? null : reactionTrouble(own);
  if (own === null || trouble === null) return null;
  const { emoji, seen, state } = own;
  return (
    <div class={`trouble ${state === "unknown" ? "trouble-unknown" : ""}`}>
      <span title={own.failure?.text}>{trouble}</span>
      {!readOnly && (
        <div class="trouble-actions">
          {canReact && (
            <Button kind="plain" icon="retry" onClick={() => void react(message, emoji)}>
              {t("retry")}
            </Button>
          )}
          {/* Back to what the customer sees. */}
          {emoji !== seen && (
            <Button kind="quiet" onClick={() => void react(message, seen)}>
              {t("reaction.discard")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
