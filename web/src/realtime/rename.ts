import type { Agent, Author, Channel, ContactRef } from "../api/types";
import { isNewer } from "./seq";
import type { ById, InboxState } from "./state";

/** Names are repeated inside other entities; when one changes, it changes wherever it stands. */

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

function renamed<Ref extends { id: string | null; name: string } | null>(
  ref: Ref,
  id: string,
  name: string,
): Ref {
  return ref !== null && ref.id === id && ref.name !== name ? { ...ref, name } : ref;
}

function renamedAuthor<A extends Author | null>(
  author: A,
  type: Author["type"],
  id: string,
  name: string,
): A {
  return author?.type === type ? renamed(author, id, name) : author;
}

export function renameAgent(state: InboxState, { id, name }: Agent): InboxState {
  const dialogs = mapItems(state.dialogs, (dialog) => {
    const assignee = renamed(dialog.assignee, id, name);
    const lastRepliedBy = renamedAuthor(dialog.lastRepliedBy, "agent", id, name);
    const same = assignee === dialog.assignee && lastRepliedBy === dialog.lastRepliedBy;
    return same ? dialog : { ...dialog, assignee, lastRepliedBy };
  });
  const activities = mapItems(state.activities, (thread) =>
    mapItems(thread, (activity) => {
      const actor = renamedAuthor(activity.actor, "agent", id, name);
      const subject = renamed(activity.subject, id, name);
      const previous = renamed(activity.previous, id, name);
      const same = actor === activity.actor && subject === activity.subject && previous === activity.previous;
      return same ? activity : { ...activity, actor, subject, previous };
    }),
  );
  return renameAuthor({ ...state, dialogs, activities }, "agent", id, name);
}

export function renameChannel(state: InboxState, { id, name }: Channel): InboxState {
  const dialogs = mapItems(state.dialogs, (dialog) => {
    const channel = renamed(dialog.channel, id, name);
    return channel === dialog.channel ? dialog : { ...dialog, channel };
  });
  return { ...state, dialogs };
}

/** A contact's address stays: it differs from dialog to dialog. */
export function renameContact(state: InboxState, contact: ContactRef, seq: string): InboxState {
  const { id, name, number } = contact;
  const dialogs = mapItems(state.dialogs, (dialog) => {
    if (dialog.contact.id !== id || !isNewer(seq, dialog.seq)) return dialog;
    const lastRepliedBy = renamedAuthor(dialog.lastRepliedBy, "contact", id, name);
    return { ...dialog, contact: { ...dialog.contact, name, number }, lastRepliedBy };
  });
  return renameAuthor({ ...state, dialogs }, "contact", id, name);
}

function renameAuthor(state: InboxState, type: Author["type"], id: string, name: string): InboxState {
  const messages = mapItems(state.messages, (thread) =>
    mapItems(thread, (message) => {
      const author = renamedAuthor(message.author, type, id, name);
      return author === message.author ? message : { ...message, author };
    }),
  );
  return { ...state, messages };
}
