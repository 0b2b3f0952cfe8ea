import { expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import type { Message, OwnReaction, Session } from "../../api/types";
import { session } from "../../app/session";
import { agent, channel, dialog, message } from "../../realtime/samples";
import { inbox } from "../../realtime/store";
import { reactionText, reactionTrouble } from "./reaction-text";
import { isSame, offerOf, reactionsFor } from "./reacting";

const ANY = { emoji: [] };
const PAST = "2020-01-01T00:00:00Z";
const JUST_NOW = new Date(Date.now() - 3_600_000).toISOString();

test("of a list the six that people use most come first, and all the others after them, once", () => {
  const emoji = ["🔥", "👍", "🗿", "❤️", "🦄", "🙏", "😡", "💊"];
  const { atOnce, more, any } = offerOf({ emoji });
  expect(atOnce).toEqual(["👍", "❤️", "🙏", "🔥", "🗿", "🦄"]);
  expect([...atOnce, ...more].toSorted()).toEqual(emoji.toSorted());
  expect(any).toBe(false);
});

test("where any may be used, many are shown and others can be typed", () => {
  const { atOnce, more, any } = offerOf(ANY);
  expect(atOnce).toEqual(["👍", "❤️", "😂", "🙏", "😢", "😮"]);
  expect(new Set([...atOnce, ...more]).size).toBe(atOnce.length + more.length);
  expect(any).toBe(true);
});

test("an emoji is the same however it asks to be shown", () => {
  expect([isSame("❤", "❤️"), isSame("❤", "💙"), isSame(null, null)]).toEqual([true, false, false]);
});

const THEIRS: Partial<Message> = { externalId: "m1" };

test.each([
  ["", {}, {}, {}, true],
  ["unless it is ours", { direction: "outbound" as const }, {}, {}, false],
  ["unless it was deleted", { deletedAt: PAST }, {}, {}, false],
  ["unless the provider has no name for it", { externalId: null }, {}, {}, false],
  ["unless the channel has none", {}, {}, { reactions: null }, false],
  ["unless the dialog is closed", {}, { status: "closed" as const }, {}, false],
  ["unless a colleague has the dialog", {}, { assignee: { id: "3", name: "Ola" } }, {}, false],
  ["unless the contact can't be reached", {}, { reachable: false }, {}, false],
  [
    "unless the time is over, also where people may write longer",
    {},
    { replyUntil: JUST_NOW },
    { humanReplyHours: 168, replyWindowHours: 24 },
    false,
  ],
])("a message can be reacted to %s", (_, changes, about, can, expected) => {
  session.value = { agent: agent() } as unknown as Session;
  const of = channel({ capabilities: { ...channel().capabilities, reactions: ANY, ...can } });
  inbox.value = {
    ...inbox.value,
    channels: new Map([[of.id, of]]),
    dialogs: new Map([["1", dialog(about)]]),
  };
  expect(reactionsFor(message({ ...THEIRS, ...changes })) !== null).toBe(expected);
});

const OURS: OwnReaction = {
  emoji: "👍",
  seen: null,
  state: "queued",
  failure: null,
  agent: { id: "2", name: "Ala" },
  at: PAST,
};
const GONE = { code: "message_gone", text: "It is gone.", providerCode: null };

test.each<[Partial<OwnReaction>, string, string | null]>([
  [{}, "Ala reacted: 👍, being sent", null],
  [{ failure: GONE }, "Ala reacted: 👍, being sent. Not sent yet. It is gone.", null],
  [{ state: "sent", seen: "👍" }, "Ala reacted: 👍", null],
  [{ emoji: null, seen: "👍" }, "👍, being taken back", null],
  [{ state: "failed", failure: GONE }, "Ala reacted: 👍", "The reaction 👍 was not sent. It is gone."],
  [
    { state: "failed", emoji: null, seen: "👍", failure: GONE },
    "Ala reacted: 👍",
    "The reaction 👍 was not taken back. It is gone.",
  ],
  [
    { state: "unknown" },
    "Ala reacted: 👍",
    "It is not known whether the customer sees 👍: the provider did not answer clearly.",
  ],
])("%o is told as it is", (changes, text, trouble) => {
  expect(reactionText({ ...OURS, ...changes })).toBe(text);
  expect(reactionTrouble({ ...OURS, ...changes })).toBe(trouble);
});
