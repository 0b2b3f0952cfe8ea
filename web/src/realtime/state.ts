import type { Activity, Agent, Channel, Dialog, Message } from "../api/types";

export type ById<Item> = ReadonlyMap<string, Item>;

/** All that the console knows of the inbox.  Never changed in place. */
export interface InboxState {
  dialogs: ById<Dialog>;
  /** By dialog, then by message. */
  messages: ById<ById<Message>>;
  /** By dialog, then by activity. */
  activities: ById<ById<Activity>>;
  agents: ById<Agent>;
  channels: ById<Channel>;
  /** By dialog: how many of its inbound messages this agent has read. */
  reads: ById<number>;
  /** By dialog: the seq at which this agent lost sight of it, so that an older snapshot can't bring it back. */
  hidden: ById<string>;
}

export const EMPTY_STATE: InboxState = {
  dialogs: new Map(),
  messages: new Map(),
  activities: new Map(),
  agents: new Map(),
  channels: new Map(),
  reads: new Map(),
  hidden: new Map(),
};

export function withItem<Item>(map: ById<Item>, id: string, item: Item): ById<Item> {
  return new Map(map).set(id, item);
}

export function withoutItem<Item>(map: ById<Item>, id: string): ById<Item> {
  if (!map.has(id)) return map;
  const copy = new Map(map);
  copy.delete(id);
  return copy;
}
