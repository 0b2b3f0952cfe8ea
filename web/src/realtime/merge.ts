import type { Activity, Agent, Channel, Dialog, Message } from "../api/types";
import { isNewer } from "./seq";
import { type ById, type InboxState, withItem } from "./state";

interface Versioned {
  id: string;
  seq: string;
}

/** An entity replaces the stored one only if it is newer: what comes late or twice changes nothing. */
function put<Item extends Versioned>(map: ById<Item>, item: Item): ById<Item> {
  const stored = map.get(item.id);
  if (stored !== undefined && !isNewer(item.seq, stored.seq)) return map;
  return withItem(map, item.id, item);
}

function putAll<Item extends Versioned>(map: ById<Item>, items: readonly Item[]): ById<Item> {
  const fresh = items.filter((item) => {
    const stored = map.get(item.id);
    return stored === undefined || isNewer(item.seq, stored.seq);
  });
  if (fresh.length === 0) return map;
  const copy = new Map(map);
  for (const item of fresh) copy.set(item.id, item);
  return copy;
}

export function putDialog(state: InboxState, dialog: Dialog): InboxState {
  return { ...state, dialogs: put(state.dialogs, dialog) };
}

export function putMessage(state: InboxState, message: Message): InboxState {
  const thread = state.messages.get(message.dialogId) ?? new Map<string, Message>();
  return { ...state, messages: withItem(state.messages, message.dialogId, put(thread, message)) };
}

export function putActivity(state: InboxState, activity: Activity): InboxState {
  const thread = state.activities.get(activity.dialogId) ?? new Map<string, Activity>();
  return { ...state, activities: withItem(state.activities, activity.dialogId, put(thread, activity)) };
}

export function putAgent(state: InboxState, agent: Agent): InboxState {
  return { ...state, agents: put(state.agents, agent) };
}

export function putChannel(state: InboxState, channel: Channel): InboxState {
  return { ...state, channels: put(state.channels, channel) };
}

/** Read markers only move forward. */
export function putRead(state: InboxState, dialogId: string, inboundCount: number): InboxState {
  const known = state.reads.get(dialogId);
  if (known !== undefined && known >= inboundCount) return state;
  return { ...state, reads: withItem(state.reads, dialogId, inboundCount) };
}

/** Part of the inbox as the server had it; ``seq`` was read before the rest. */
export interface Snapshot {
  seq: string;
  dialogs?: readonly Dialog[];
  messages?: readonly Message[];
  activities?: readonly Activity[];
  agents?: readonly Agent[];
  channels?: readonly Channel[];
  reads?: Readonly<Record<string, number>>;
}

/** Merge a snapshot into a state that events may already have taken further. */
export function mergeSnapshot(state: InboxState, snapshot: Snapshot): InboxState {
  const isVisible = (dialogId: string): boolean => {
    const hiddenAt = state.hidden.get(dialogId);
    return hiddenAt === undefined || !isNewer(hiddenAt, snapshot.seq);
  };
  const reads = Object.entries(snapshot.reads ?? {});
  const merged: InboxState = {
    ...state,
    dialogs: putAll(
      state.dialogs,
      (snapshot.dialogs ?? []).filter((dialog) => isVisible(dialog.id)),
    ),
    messages: putThreads(state.messages, snapshot.messages ?? [], isVisible),
    activities: putThreads(state.activities, snapshot.activities ?? [], isVisible),
    agents: putAll(state.agents, snapshot.agents ?? []),
    channels: putAll(state.channels, snapshot.channels ?? []),
  };
  return reads.reduce((next, [dialogId, inboundCount]) => putRead(next, dialogId, inboundCount), merged);
}

function putThreads<Item extends Versioned & { dialogId: string }>(
  threads: ById<ById<Item>>,
  items: readonly Item[],
  isVisible: (dialogId: string) => boolean,
): ById<ById<Item>> {
  const merged = new Map(threads);
  for (const [dialogId, group] of byDialog(items)) {
    if (isVisible(dialogId)) merged.set(dialogId, putAll(merged.get(dialogId) ?? new Map(), group));
  }
  return merged;
}

function byDialog<Item extends { dialogId: string }>(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.dialogId);
    if (group === undefined) groups.set(item.dialogId, [item]);
    else group.push(item);
  }
  return groups;
}
