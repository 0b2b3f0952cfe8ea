import type { Agent, Channel } from "../api/types";
import type { ById, InboxState } from "./state";

/**
 * Names repeated in dialogs are those of now: when one changes, it changes wherever it stands.  Who wrote a message or
 * did something keeps the name of that moment, as the server keeps it.
 */

function mapItems<Item>(map: ById<Item>, change: (item: Item) => Item): ById<Item> {
  let copy: Map<string, Item> | null = null;
  for (const [id, item] of map) {
    const changed = change(item);
    if (changed === item) continue;
    copy ??= new Map(map);
    copy.set(id, changed);
  }
  return copy ?? map;
}

function renamed<Ref extends { id: string; name: string } | null>(ref: Ref, id: string, name: string): Ref {
  return ref !== null && ref.id === id && ref.name !== name ? { ...ref, name } : ref;
}

export function renameAgent(state: InboxState, { id, name }: Agent): InboxState {
  const dialogs = mapItems(state.dialogs, (dialog) => {
    const assignee = renamed(dialog.assignee, id, name);
    return assignee === dialog.assignee ? dialog : { ...dialog, assignee };
  });
  return { ...state, dialogs };
}

export function renameChannel(state: InboxState, { id, name }: Channel): InboxState {
  const dialogs = mapItems(state.dialogs, (dialog) => {
    const channel = renamed(dialog.channel, id, name);
    return channel === dialog.channel ? dialog : { ...dialog, channel };
  });
  return { ...state, dialogs };
}
