import type { Dialog } from "../../api/types";
import { goBack, navigate, withQuery } from "../../app/router";
import { currentSession } from "../../app/session";
import { detailsShown } from "../../app/preferences";
import { panes } from "../../app/viewport";
import { t } from "../../i18n";
import { Avatar } from "../../ui/avatar";
import { Button, IconButton } from "../../ui/button";
import { channelKindName } from "../../ui/channel-kind";
import { contactName } from "../inbox/names";
import { pictureOf } from "../inbox/picture";
import { senderOrName } from "../inbox/sender";
import { closeDialog, reopenDialog, take } from "./actions";
import { AssignMenu } from "./assign-menu";
import { PresenceLine } from "./presence-line";
import { rightsFor } from "./rights";

export function ThreadHeader({ dialog }: { dialog: Dialog }) {
  const rights = rightsFor(dialog, currentSession());
  const sender = senderOrName(dialog.channel);
  // Alone on a phone's screen it is the page's title.
  const Name = panes.value === 1 ? "h1" : "h2";
  return (
    <header class="thread-header">
      {panes.value === 1 && (
        <IconButton
          icon="back"
          label={t("back")}
          onClick={() => goBack(withQuery("/inbox", { details: null }))}
        />
      )}
      <Avatar name={dialog.contact.name} channelKind={dialog.channel.kind} picture={pictureOf(dialog)} />
      <div class="thread-who">
        <Name class="thread-name one-line" dir="auto" title={contactName(dialog.contact)}>
          {contactName(dialog.contact)}
        </Name>
        <p class="thread-about muted one-line">
          <PresenceLine dialogId={dialog.id}>
            <span title={dialog.channel.name}>{channelKindName(dialog.channel.kind)}</span>
            {sender !== null && <span title={dialog.channel.name}> · {sender}</span>}
            {/* Where both don't fit, the sender goes first: the number stands in the contact's pane too. */}
            <span class={sender === null ? "number" : "number wide-only"}>
              {" "}
              · {t("thread.number", { number: String(dialog.number) })}
            </span>
            {dialog.status === "closed" && <span class="status-chip">{t("status.closed")}</span>}
          </PresenceLine>
        </p>
      </div>
      <div class="thread-actions">
        {rights.take && dialog.assignee === null && (
          <Button kind="primary" data-shortcut="take" onClick={() => void take(dialog)}>
            {t("thread.take")}
          </Button>
        )}
        {(rights.assign || rights.giveBack) && <AssignMenu dialog={dialog} rights={rights} />}
        {rights.close && (
          <Button
            icon="check"
            data-shortcut="close"
            onClick={() => void closeDialog(dialog)}
            aria-label={t("thread.close")}
          >
            <span class="wide-only">{t("thread.close-short")}</span>
          </Button>
        )}
        {rights.reopen && (
          <Button icon="retry" onClick={() => void reopenDialog(dialog)}>
            {t("thread.reopen")}
          </Button>
        )}
        <DetailsButton dialogId={dialog.id} />
      </div>
    </header>
  );
}

/** On a desk the contact pane folds away; elsewhere it is a page of its own, so that back leaves it. */
function DetailsButton({ dialogId }: { dialogId: string }) {
  if (panes.value === 3) {
    return (
      <IconButton
        icon="panel"
        label={t(detailsShown.value ? "contact.hide" : "contact.show")}
        aria-pressed={detailsShown.value}
        onClick={() => {
          detailsShown.value = !detailsShown.value;
        }}
      />
    );
  }
  return (
    <IconButton
      icon="panel"
      label={t("contact.show")}
      onClick={() => navigate(withQuery(`/inbox/${dialogId}`, { details: "1" }))}
    />
  );
}
