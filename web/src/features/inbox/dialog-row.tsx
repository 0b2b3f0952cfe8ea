import type { Dialog } from "../../api/types";
import { now } from "../../app/clock";
import { Link, withQuery } from "../../app/router";
import { session } from "../../app/session";
import { t } from "../../i18n";
import { duration, fullTime, timeAgo } from "../../i18n/dates";
import { unreadCount } from "../../realtime/store";
import { Avatar } from "../../ui/avatar";
import { Icon } from "../../ui/icons";
import { initials } from "../../ui/initials";
import { anyDraft } from "../composer/drafts";
import { contactName, previewText } from "./names";
import { pictureOf } from "./picture";
import { waiting } from "./waiting";

interface DialogRowProps {
  dialog: Dialog;
  position: number;
  count: number;
  selected: boolean;
  tabbable: boolean;
  /** In a list of one agent's own dialogs it goes without saying. */
  showsAssignee: boolean;
}

export function DialogRow({ dialog, position, count, selected, tabbable, showsAssignee }: DialogRowProps) {
  const unread = unreadCount(dialog);
  const at = dialog.lastMessageAt ?? dialog.createdAt;
  return (
    <Link
      to={withQuery(`/inbox/${dialog.id}`, { details: null })}
      role="option"
      aria-selected={selected}
      aria-posinset={position + 1}
      aria-setsize={count}
      tabIndex={tabbable ? 0 : -1}
      data-position={position}
      data-dialog={dialog.id}
      class={`row ${unread > 0 ? "row-unread" : ""}`}
    >
      <Avatar name={dialog.contact.name} channelKind={dialog.channel.kind} picture={pictureOf(dialog)} />
      <span class="row-name one-line" dir="auto" title={contactName(dialog.contact)}>
        {contactName(dialog.contact)}
      </span>
      <time class="row-time number" dateTime={at} title={fullTime(at)}>
        {timeAgo(at)}
      </time>
      <LastLine dialog={dialog} selected={selected} />
      <span class="row-marks">
        <WaitingChip since={dialog.waitingSince} lastAt={at} />
        {showsAssignee && dialog.assignee !== null && (
          <span class="row-assignee" title={t("inbox.assigned-to", { name: dialog.assignee.name })}>
            <span aria-hidden="true">{initials(dialog.assignee.name)}</span>
            <span class="only-read-aloud">{t("inbox.assigned-to", { name: dialog.assignee.name })}</span>
          </span>
        )}
        {unread > 0 && (
          <span class="count-badge number">
            <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>
            <span class="only-read-aloud">{t("inbox.unread", { n: unread })}</span>
          </span>
        )}
      </span>
    </Link>
  );
}

/** Of what was said; or what this agent began to write and left, which nobody else will finish. */
function LastLine({ dialog, selected }: { dialog: Dialog; selected: boolean }) {
  const me = session.value?.agent.id;
  const draft = selected || me === undefined ? "" : anyDraft(me, dialog.id);
  return (
    <span class="row-preview one-line" dir="auto">
      {draft === "" ? (
        previewText(dialog, me)
      ) : (
        <>
          <span class="row-draft">{t("inbox.draft")}</span> {draft}
        </>
      )}
    </span>
  );
}

function WaitingChip({ since, lastAt }: { since: string | null; lastAt: string }) {
  const wait = waiting(since, now.value, lastAt);
  if (wait === null || since === null) return null;
  const length = duration(wait.length);
  return (
    <span
      class={`waiting waiting-${wait.tone} number`}
      title={t("inbox.waiting-since", { time: fullTime(since) })}
    >
      <span class="only-read-aloud">{t("inbox.waiting", { length })}</span>
      <Icon name="clock" size={12} />
      <span aria-hidden="true">{length}</span>
    </span>
  );
}
