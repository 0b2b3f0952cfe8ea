import type { Message } from "../../api/types";
import { isNewer } from "../../realtime/seq";
import type { PendingMessage } from "./outbox-storage";

/**
 * Pending messages that the thread does not show yet.  The event stream may bring a message before the answer to
 * its own request does; for that moment it would stand there twice.
 */
export function unconfirmed(
  pending: readonly PendingMessage[],
  messages: Iterable<Message>,
  me: string,
): PendingMessage[] {
  const mine = [...messages].filter((message) => message.author.type === "agent" && message.author.id === me);
  const taken = new Set<string>();
  return pending.filter((one) => {
    if (one.state !== "sending") return true;
    const same = mine.find(
      (message) =>
        !taken.has(message.id) &&
        isNewer(message.id, one.afterId) &&
        message.kind === one.kind &&
        message.text === one.text,
    );
    if (same !== undefined) taken.add(same.id);
    return same === undefined;
  });
}
