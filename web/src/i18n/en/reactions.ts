import type { Entry } from "../catalogue";

/** What we put on customers' messages. */
export const reactions = {
  "reaction.add": "React",
  "reaction.more-deeds": "With this message…",
  "reaction.choose": "Reactions",
  "reaction.more": "More emoji",
  "reaction.other": "Another emoji",
  "reaction.put": "Put it on the message",
  "reaction.ours": "{name} reacted: {emoji}",
  "reaction.take-back": "Take {emoji} back",
  "reaction.being-sent": "{name} reacted: {emoji}, being sent",
  "reaction.being-taken-back": "{emoji}, being taken back",
  "reaction.waits": "Not sent yet. {reason}",
  "reaction.failed": "The reaction {emoji} was not sent. {reason}",
  "reaction.not-taken-back": "The reaction {emoji} was not taken back. {reason}",
  "reaction.unknown":
    "It is not known whether the customer sees {emoji}: the provider did not answer clearly.",
  "reaction.perhaps-taken-back":
    "It is not known whether the customer still sees our reaction: the provider did not answer clearly.",
  "reaction.discard": "Discard",
} satisfies Record<string, Entry>;
