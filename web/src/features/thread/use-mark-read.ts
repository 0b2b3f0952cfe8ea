import { useEffect, useState } from "preact/hooks";

import { api } from "../../api/calls";
import type { Dialog } from "../../api/types";
import { setRead, unreadCount } from "../../realtime/store";

function isLookedAt(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

function useLookedAt(): boolean {
  const [looking, setLooking] = useState(isLookedAt);
  useEffect(() => {
    const look = (): void => setLooking(isLookedAt());
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    window.addEventListener("blur", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
      window.removeEventListener("blur", look);
    };
  }, []);
  return looking;
}

/** A dialog counts as read once its newest message stands before the agent's eyes. */
export function useMarkRead(dialog: Dialog, newestIsShown: boolean): void {
  const looking = useLookedAt();
  const unread = unreadCount(dialog);
  useEffect(() => {
    if (!newestIsShown || !looking || unread === 0) return;
    setRead(dialog.id, dialog.inboundCount);
    // Should it fail, the next message or the next visit marks it.
    api.markRead(dialog.id, dialog.inboundCount).catch(() => {});
  }, [dialog.id, dialog.inboundCount, newestIsShown, looking, unread]);
}
