import type { ComponentChildren } from "preact";

import type { Author, Dialog } from "../../api/types";
import { chosenLogColumns } from "../../app/preferences";
import { t } from "../../i18n";
import { dateAndTime, fullTime } from "../../i18n/dates";
import type { Key } from "../../i18n/en";
import { channelKindName } from "../../ui/channel-kind";
import { ChannelMark } from "../../ui/channel-mark";
import { shortAddress, sourceText } from "../contact/source-text";
import type { LogOrder } from "./filters";
import { authorName } from "../inbox/names";
import { senderOf } from "../inbox/sender";

export interface Column {
  id: string;
  label: Key;
  cell: (dialog: Dialog, timeZone: string) => ComponentChildren;
  /** Orders that a click on its heading goes through. */
  orders?: readonly [LogOrder, LogOrder];
  /** Shown unless somebody chooses otherwise. */
  byDefault?: true;
}

/** The contact's own cell stands first and is the link; these follow it. */
export const COLUMNS: readonly Column[] = [
  {
    id: "created",
    label: "log.created",
    cell: (dialog, zone) => <Moment at={dialog.createdAt} timeZone={zone} />,
    orders: ["created_desc", "created_asc"],
    byDefault: true,
  },
  { id: "channel", label: "log.channel", cell: (dialog) => <ChannelCell dialog={dialog} />, byDefault: true },
  {
    id: "agent",
    label: "log.agent",
    cell: (dialog) => dialog.assignee?.name ?? <span class="muted">{t("thread.nobody")}</span>,
    orders: ["agent_asc", "agent_desc"],
    byDefault: true,
  },
  {
    id: "last-reply",
    label: "log.last-reply",
    cell: (dialog) => repliedBy(dialog.lastRepliedBy),
    byDefault: true,
  },
  {
    id: "source",
    label: "log.source",
    cell: (dialog) => (dialog.source === null ? "" : sourceText(dialog.source)),
    byDefault: true,
  },
  {
    id: "status",
    label: "log.status",
    cell: (dialog) => <StatusChip status={dialog.status} />,
    byDefault: true,
  },
  {
    id: "closed",
    label: "log.closed",
    cell: (dialog, zone) => <Moment at={dialog.closedAt} timeZone={zone} />,
  },
  { id: "messages", label: "log.messages", cell: (dialog) => dialog.messageCount },
  {
    id: "last-message",
    label: "log.last-message",
    cell: (dialog, zone) => <Moment at={dialog.lastMessageAt} timeZone={zone} />,
  },
  { id: "number", label: "log.number", cell: (dialog) => `#${dialog.number}` },
  {
    id: "landing-page",
    label: "source.landing-page",
    cell: (dialog) => shortAddress(dialog.source?.landingPage ?? ""),
  },
  { id: "campaign", label: "source.campaign", cell: (dialog) => dialog.source?.campaign },
  { id: "reopened", label: "log.reopened", cell: (dialog) => dialog.reopenCount },
];

export function shownColumns(): Column[] {
  const chosen = chosenLogColumns.value;
  return COLUMNS.filter((column) => (chosen === null ? column.byDefault : chosen.includes(column.id)));
}

export function toggleColumn(id: string): void {
  const shown = shownColumns().map((column) => column.id);
  chosenLogColumns.value = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id];
}

function repliedBy(author: Author | null): string {
  if (author === null) return "";
  return author.type === "contact" ? t("author.contact") : authorName(author);
}

function Moment({ at, timeZone }: { at: string | null; timeZone: string }) {
  if (at === null) return null;
  return (
    <time class="number" dateTime={at} title={fullTime(at, timeZone)}>
      {dateAndTime(at, timeZone)}
    </time>
  );
}

function ChannelCell({ dialog }: { dialog: Dialog }) {
  return (
    <span class="channel-cell" title={dialog.channel.name}>
      <ChannelMark kind={dialog.channel.kind} />
      {senderOf(dialog.channel) ?? channelKindName(dialog.channel.kind)}
    </span>
  );
}

const STATUS_NAMES: Record<Dialog["status"], Key> = {
  open: "status.open",
  snoozed: "status.snoozed",
  closed: "status.closed",
};

function StatusChip({ status }: { status: Dialog["status"] }) {
  return <span class={`status-chip status-${status}`}>{t(STATUS_NAMES[status])}</span>;
}
