import type { Capabilities, Dialog } from "../../api/types";
import { t } from "../../i18n";
import { Icon } from "../../ui/icons";
import type { Lock } from "./limits";

interface LockNoticeProps {
  lock: Lock;
  dialog: Dialog;
  capabilities: Capabilities | undefined;
}

/** Why no reply can be written, and what would change that. */
export function LockNotice({ lock, dialog, capabilities }: LockNoticeProps) {
  return (
    <p class="lock" role="status">
      <Icon name="lock" />
      <span>{lockText(lock, dialog, capabilities)}</span>
    </p>
  );
}

function lockText(lock: Lock, dialog: Dialog, capabilities: Capabilities | undefined): string {
  switch (lock) {
    case "not_yours":
      return t("composer.not-yours", { name: dialog.assignee?.name ?? "" });
    case "window_closed":
      return t("composer.window-closed", {
        n: capabilities?.humanReplyHours ?? capabilities?.replyWindowHours ?? 24,
      });
    case "not_reachable":
      return t("composer.not-reachable");
    default:
      return t("composer.not-allowed");
  }
}
