import type { Message } from "../../api/types";
import { t } from "../../i18n";
import type { Key } from "../../i18n/en";
import { authorOf } from "./author";
import { Bubble } from "./bubble";

const ORIGINS: Partial<Record<Message["origin"], Key>> = {
  campaign: "origin.campaign",
  automation: "origin.automation",
  auto_reply: "origin.auto-reply",
  survey: "origin.survey",
  system: "origin.system",
};

interface MessageGroupProps {
  messages: readonly Message[];
  me: string;
  readOnly: boolean;
}

/** Messages of one author, written shortly after one another. */
export function MessageGroup({ messages, me, readOnly }: MessageGroupProps) {
  const [first] = messages;
  if (first === undefined) return null;
  const side = first.kind === "note" ? "note" : first.direction;
  return (
    <div class={`group group-${side}`}>
      <GroupAuthor message={first} me={me} />
      {messages.map((message, index) => (
        <Bubble key={message.id} message={message} last={index === messages.length - 1} readOnly={readOnly} />
      ))}
    </div>
  );
}

/** Who wrote: always told to screen readers, shown where it is not clear from the side. */
function GroupAuthor({ message, me }: { message: Message; me: string }) {
  const { author, origin, kind } = message;
  const isMine = author.type === "agent" && author.id === me;
  const originKey = ORIGINS[origin];
  const name = isMine ? t("author.you") : authorOf(message);
  const parts = [kind !== "note" ? name : isMine ? t("message.note-mine") : t("message.note-by", { name })];
  if (originKey !== undefined) parts.push(t(originKey));
  const shown = kind === "note" || originKey !== undefined || (author.type !== "contact" && !isMine);
  return (
    <p class={shown ? "group-author" : "only-read-aloud"} dir="auto">
      {parts.join(" · ")}
    </p>
  );
}
