import type { OwnReaction } from "../../api/types";
import { t } from "../../i18n";
import { failureText } from "./failure-text";

/** What is wrong with a reaction of ours, in words; null: nothing is. */
export function reactionTrouble({ state, emoji, seen, failure }: OwnReaction): string | null {
  if (state === "unknown") {
    return emoji === null ? t("reaction.perhaps-taken-back") : t("reaction.unknown", { emoji });
  }
  if (state !== "failed") return null;
  const reason = failureText(failure);
  if (emoji !== null) return t("reaction.failed", { emoji, reason });
  return seen === null
    ? t("reaction.perhaps-taken-back")
    : t("reaction.not-taken-back", { emoji: seen, reason });
}

/** What the mark on the message says. */
export function reactionText({ state, emoji, seen, agent, failure }: OwnReaction): string {
  const shown = emoji ?? seen ?? "";
  if (state === "sent") return t("reaction.ours", { name: agent.name, emoji: shown });
  if (state !== "queued") return t("reaction.ours", { name: agent.name, emoji: seen ?? shown });
  const text =
    emoji === null
      ? t("reaction.being-taken-back", { emoji: shown })
      : t("reaction.being-sent", { name: agent.name, emoji });
  return failure === null ? text : `${text}. ${t("reaction.waits", { reason: failureText(failure) })}`;
}
