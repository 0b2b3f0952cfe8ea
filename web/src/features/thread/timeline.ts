import type { Activity, Message } from "../../api/types";
import { calendarDay } from "../../i18n/days";
import { compareNumbers } from "../../realtime/seq";

const GROUP_WITHIN_MS = 3 * 60_000;

export type TimelineItem =
  | { type: "day"; key: string; at: string }
  | { type: "activity"; key: string; activity: Activity }
  | { type: "new"; key: string }
  | { type: "group"; key: string; messages: Message[] };

interface TimelineInput {
  messages: Iterable<Message>;
  activities: Iterable<Activity>;
  /** Nothing older than this is shown; null: everything is. */
  from: string | null;
  /** Where a day begins; without one, the browser's. */
  timeZone?: string | undefined;
  /** The first message that was not read when the dialog was opened. */
  newFrom?: string | null;
}

/** What a thread shows, oldest first: days, what happened, and messages grouped by author. */
export function buildTimeline({
  messages,
  activities,
  from,
  timeZone,
  newFrom,
}: TimelineInput): TimelineItem[] {
  const entries = [
    ...[...messages].map((message) => ({ at: message.at, id: message.id, message })),
    ...[...activities].map((activity) => ({ at: activity.at, id: activity.id, activity })),
  ]
    .filter((entry) => from === null || (entry.at >= from && !isBeginning(entry)))
    .toSorted(byTime);

  const items: TimelineItem[] = [];
  let day = "";
  for (const entry of entries) {
    const { at } = isBeginning(entry) ? (entries[1] ?? entry) : entry;
    const entryDay = calendarDay(at, timeZone);
    if (entryDay !== day) {
      items.push({ type: "day", key: `day ${entryDay}`, at });
      day = entryDay;
    }
    if ("activity" in entry) {
      items.push({ type: "activity", key: `activity ${entry.id}`, activity: entry.activity });
      continue;
    }
    // Where all of it is new it need not be said.
    if (entry.id === newFrom && items.some(({ type }) => type === "group")) {
      items.push({ type: "new", key: "new" });
    }
    const before = items.at(-1);
    if (before?.type === "group" && continues(before.messages, entry.message)) {
      before.messages.push(entry.message);
    } else {
      items.push({ type: "group", key: `message ${entry.id}`, messages: [entry.message] });
    }
  }
  return items;
}

/** The first of so many messages that were not read; null where it is none, or not among those that are loaded. */
export function firstUnread(messages: Iterable<Message>, unread: number): string | null {
  if (unread === 0) return null;
  const inbound = [...messages].filter(
    ({ direction, kind }) => direction === "inbound" && kind === "message",
  );
  return inbound.toSorted(byTime).at(-unread)?.id ?? null;
}

interface Entry {
  at: string;
  id: string;
  message?: Message;
  activity?: Activity;
}

/** A dialog begins before its first message, whatever the provider's clock says. */
function isBeginning(entry: Entry): boolean {
  return entry.activity?.type === "created";
}

/** What a message did stands below it. */
const DONE_BY_MESSAGE: ReadonlySet<string> = new Set<Activity["type"]>([
  "opted_out",
  "opted_in",
  "unblocked",
]);

function rank({ activity }: Entry): number {
  if (activity === undefined) return 1;
  return DONE_BY_MESSAGE.has(activity.type) ? 2 : 0;
}

/** At the same moment what happened comes before what was written, and ids decide the rest. */
function byTime(a: Entry, b: Entry): number {
  const beginnings = Number(isBeginning(b)) - Number(isBeginning(a));
  if (beginnings !== 0) return beginnings;
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  const kinds = rank(a) - rank(b);
  return kinds === 0 ? compareNumbers(a.id, b.id) : kinds;
}

function continues(group: readonly Message[], message: Message): boolean {
  const last = group.at(-1);
  return (
    last !== undefined &&
    last.direction === message.direction &&
    last.kind === message.kind &&
    last.author.type === message.author.type &&
    last.author.id === message.author.id &&
    last.origin === message.origin &&
    Date.parse(message.at) - Date.parse(last.at) <= GROUP_WITHIN_MS
  );
}
