import { useRef } from "preact/hooks";

import { inbox, unreadCount } from "../../realtime/store";
import { firstUnread } from "./timeline";

/**
 * The first message that was not read when the thread came up, as long as it stays: reading it does not take away where the
 * new begins.
 */
export function useNewFrom(dialogId: string, isLoaded: boolean): string | null {
  const seen = useRef<{ dialogId: string; newFrom: string | null } | null>(null);
  const dialog = inbox.value.dialogs.get(dialogId);
  if (isLoaded && dialog !== undefined && seen.current?.dialogId !== dialogId) {
    const messages = inbox.value.messages.get(dialogId)?.values() ?? [];
    seen.current = { dialogId, newFrom: firstUnread(messages, unreadCount(dialog)) };
  }
  return seen.current?.dialogId === dialogId ? seen.current.newFrom : null;
}
