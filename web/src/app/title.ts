import { computed, effect } from "@preact/signals";

import { t } from "../i18n";
import { inbox, unreadCount } from "../realtime/store";
import { session } from "./session";

/** Open dialogs with something unread that wait for this agent or for anybody. */
export const unreadDialogs = computed(() => {
  const me = session.value?.agent.id;
  if (me === undefined) return 0;
  let count = 0;
  for (const dialog of inbox.value.dialogs.values()) {
    const concernsMe = dialog.assignee === null || dialog.assignee.id === me;
    if (dialog.status === "open" && concernsMe && unreadCount(dialog) > 0) count += 1;
  }
  return count;
});

export function keepTitle(page: () => string): () => void {
  return effect(() => {
    const count = unreadDialogs.value;
    document.title = `${count > 0 ? `(${count > 99 ? "99+" : count}) ` : ""}${page()} · ${t("product")}`;
  });
}
