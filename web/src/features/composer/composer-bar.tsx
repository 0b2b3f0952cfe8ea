import type { Capabilities } from "../../api/types";
import { isTouch } from "../../app/viewport";
import { t } from "../../i18n";
import { Icon } from "../../ui/icons";
import { Menu, MenuItem } from "../../ui/menu";
import { Additions } from "./additions";
import type { ComposeKind } from "./drafts";

interface ComposerBarProps {
  kind: ComposeKind;
  onKind: (kind: ComposeKind) => void;
  canSend: boolean;
  isLocked: boolean;
  /** Nobody is responsible yet: whoever answers takes the dialog with it. */
  takesFirst: boolean;
  onSendOnly: () => void;
  /** Undefined where nothing can be attached. */
  capabilities: Capabilities | undefined;
  onFiles: (files: Iterable<File>) => void;
  /** Undefined where there are some already, or the channel takes none beside what is there. */
  onQuickReplies?: () => void;
  onLinkButtons?: () => void;
}

export function ComposerBar(props: ComposerBarProps) {
  const { kind, onKind, canSend, isLocked, takesFirst, onSendOnly, capabilities } = props;
  const send =
    kind === "note" ? "composer.add-note" : takesFirst ? "composer.take-and-send" : "composer.send";
  return (
    <div class="composer-bar">
      <div class="compose-kinds" role="group" aria-label={t("composer.kind")}>
        <KindButton kind="message" chosen={kind} onKind={onKind} />
        <KindButton kind="note" chosen={kind} onKind={onKind} />
      </div>
      {!isLocked && capabilities !== undefined && <Additions {...props} capabilities={capabilities} />}
      <span class="spacer" />
      {!isTouch.value && !isLocked && (
        <span class="enter-hint muted wide-only">{t("composer.enter-hint")}</span>
      )}
      {!isLocked && (
        <div class="send-buttons">
          <button
            type="submit"
            class="button button-primary"
            disabled={!canSend}
            data-testid="send"
            aria-label={t(send)}
          >
            <span class={send === "composer.send" ? "send-word" : "send-words"}>{t(send)}</span>
            <Icon name="send" size={16} />
          </button>
          {takesFirst && canSend && <MoreWaysToSend onSendOnly={onSendOnly} />}
        </div>
      )}
    </div>
  );
}

function KindButton({
  kind,
  chosen,
  onKind,
}: {
  kind: ComposeKind;
  chosen: ComposeKind;
  onKind: (kind: ComposeKind) => void;
}) {
  return (
    <button type="button" class="compose-kind" aria-pressed={kind === chosen} onClick={() => onKind(kind)}>
      {t(kind === "note" ? "composer.note" : "composer.reply")}
    </button>
  );
}

function MoreWaysToSend({ onSendOnly }: { onSendOnly: () => void }) {
  return (
    <Menu
      label={t("composer.more-ways")}
      button={(props) => (
        <button
          type="button"
          {...props}
          class="button button-primary button-narrow"
          aria-label={t("composer.more-ways")}
        >
          <Icon name="up" size={16} />
        </button>
      )}
    >
      {(close) => (
        <MenuItem
          onSelect={() => {
            close();
            onSendOnly();
          }}
        >
          {t("composer.send-only-once")}
        </MenuItem>
      )}
    </Menu>
  );
}
