import type { Capabilities, Dialog } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icons";
import type { Lock } from "./limits";

interface LockNoticeProps {
  lock: Lock;
  dialog: Dialog;
  capabilities: Capabilities | undefined;
  /** Undefined where no template can be sent. */
  onTemplate?: () => void;
}

/** Why no reply can be written, and what would change that. */
export function LockNotice({ lock, dialog, capabilities, onTemplate }: LockNoticeProps) {
  return (
    <div class="lock">
      <Icon name="lock" />
      <span role="status">{lockText(lock, dialog, capabilities)}</span>
      {onTemplate !== undefined && <Button onClick={onTemplate}>{t("template.offer")}</Button>}
    </div>
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
    case "template_first":
      return t("template.first");
    case "paused":
      return t("composer.paused");
    case "number_off":
      return t("composer.number-off");
    case "not_reachable":
      return t("composer.not-reachable");
    case "elsewhere":
      return t("composer.elsewhere");
    default:
      return t("composer.not-allowed");
  }
}
