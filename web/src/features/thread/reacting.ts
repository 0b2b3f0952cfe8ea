import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";

import type { Message, ReactionRule } from "../../api/types";
import { now } from "../../app/clock";
import { currentSession } from "../../app/session";
import { inbox } from "../../realtime/store";
import { replyLock } from "../composer/limits";
import { rightsFor } from "./rights";

/** Those that people use most, best first; of each channel the first six that it takes are offered at once. */
const COMMON = ["👍", "❤️", "😂", "🙏", "😢", "😮", "🎉", "👏", "🔥", "👌"];
const AT_ONCE = 6;
/** Where any may be used; others can be typed. */
const MANY =
  "👍 ❤️ 😂 🙏 😢 😮 🎉 👏 🔥 👌 😀 😁 😅 😊 😉 😍 🥰 😘 😇 🙂 🤗 🤔 🤩 🥳 😎 😋 😐 🙄 😬 😴 😕 😟 😳 😭 😱 😡 👋 🙌 🤝 💪 ✌️ 🤞 🫡 ✅ ❌ ❓ ❗ ⭐ 💯 💡 ⏳ ☎️ 📦 🎁 🌸 ☀️ 🍀 💔 💙 💚".split(
    " ",
  );

const plain = (emoji: string): string => emoji.replaceAll("\uFE0F", "");

/** Whether two emoji are the same, however they are spelled. */
export function isSame(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && plain(one) === plain(other);
}

export interface Offer {
  atOnce: readonly string[];
  more: readonly string[];
  /** Any other one can be typed. */
  any: boolean;
}

export function offerOf({ emoji }: ReactionRule): Offer {
  const any = emoji.length === 0;
  const all = any ? MANY : emoji;
  const common = COMMON.filter((each) => all.some((taken) => isSame(taken, each)));
  const atOnce = [...common, ...all.filter((each) => !common.some((one) => isSame(one, each)))].slice(
    0,
    AT_ONCE,
  );
  return { atOnce, more: all.filter((each) => !atOnce.some((one) => isSame(one, each))), any };
}

/** What can be put on this message; null: nothing, or nothing now. */
export function reactionsFor(message: Message): ReactionRule | null {
  const { direction, externalId, deletedAt, dialogId } = message;
  if (direction !== "inbound" || externalId === null || deletedAt !== null) return null;
  const dialog = inbox.value.dialogs.get(dialogId);
  if (dialog === undefined) return null;
  const channel = inbox.value.channels.get(dialog.channel.id);
  const rule = channel?.capabilities.reactions ?? null;
  if (rule === null) return null;
  // The longer time that people have to answer on Messenger is not for reactions.
  if (dialog.replyUntil !== null && Date.parse(dialog.replyUntil) <= now.value) return null;
  const mayReply = rightsFor(dialog, currentSession()).reply;
  return replyLock(dialog, mayReply, now.value, channel) === null ? rule : null;
}

/** The same for a component, which is drawn anew when the answer changes, and not whenever the clock moves. */
export function useReactionsFor(message: Message): ReactionRule | null {
  return useMemo(() => computed(() => reactionsFor(message)), [message]).value;
}
