import { beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("../../api/calls", () => ({ api: { dialogs: vi.fn() } }));

import { api } from "../../api/calls";
import type { Dialog } from "../../api/types";
import { dialog } from "../../realtime/samples";
import { beginGeneration, forgetInbox, mergeDialog, unreadCount } from "../../realtime/store";
import { listItems, loadMore, openList, type ListQuery } from "./list";

const dialogs = vi.mocked(api.dialogs);
const ALL: ListQuery = { view: "all", channel: null, search: "" };
const at = (minute: number) => `2026-03-01T10:${String(minute).padStart(2, "0")}:00.000Z`;
const page = (items: Dialog[], cursor: string | null) => ({
  items,
  cursor,
  seq: "50",
  reads: {},
  counts: null,
});
const ids = (query = ALL) => listItems(query, "2").map((one) => one.id);

async function shown(query: ListQuery): Promise<string[]> {
  await openList(query);
  return ids(query).toSorted();
}

beforeEach(() => {
  dialogs.mockReset();
  forgetInbox();
  beginGeneration();
});

describe("a list of dialogs", () => {
  it("shows nothing older than what was loaded, though it is known from elsewhere", async () => {
    dialogs.mockResolvedValueOnce(
      page([dialog({ id: "3", lastMessageAt: at(30) }), dialog({ id: "2", lastMessageAt: at(20) })], "c"),
    );
    await openList(ALL);
    mergeDialog(dialog({ id: "1", lastMessageAt: at(10) }));
    expect(ids()).toEqual(["3", "2"]);
    dialogs.mockResolvedValueOnce(page([dialog({ id: "1", lastMessageAt: at(10) })], null));
    await loadMore(ALL);
    expect(ids()).toEqual(["3", "2", "1"]);
  });

  it("follows events: what has news goes to the top, what is closed goes", async () => {
    dialogs.mockResolvedValueOnce(
      page([dialog({ id: "3", lastMessageAt: at(30) }), dialog({ id: "2", lastMessageAt: at(20) })], null),
    );
    await openList(ALL);
    mergeDialog(dialog({ id: "2", seq: "60", lastMessageAt: at(40) }));
    expect(ids()).toEqual(["2", "3"]);
    mergeDialog(dialog({ id: "3", seq: "61", status: "closed" }));
    expect(ids()).toEqual(["2"]);
  });

  it("counts everything as unread in a dialog that was never opened", async () => {
    const opened = dialog({ id: "1", inboundCount: 5 });
    const never = dialog({ id: "2", inboundCount: 3 });
    dialogs.mockResolvedValueOnce({ ...page([opened, never], null), reads: { 1: 4 } });
    await openList(ALL);
    expect([unreadCount(opened), unreadCount(never)]).toEqual([1, 3]);
  });

  it("orders the same moment by id, as a number", async () => {
    dialogs.mockResolvedValueOnce(page([dialog({ id: "10" }), dialog({ id: "9" })], null));
    await openList(ALL);
    expect(ids()).toEqual(["10", "9"]);
  });

  it("holds what belongs to its view and channel", async () => {
    const mine = dialog({ id: "4", assignee: { id: "2", name: "Ala" } });
    const theirs = dialog({ id: "5", assignee: { id: "3", name: "Ola" } });
    dialogs.mockResolvedValue(page([mine, theirs, dialog({ id: "6" })], null));
    expect(await shown({ ...ALL, view: "mine" })).toEqual(["4"]);
    expect(await shown({ ...ALL, view: "unassigned" })).toEqual(["6"]);
    expect(await shown({ ...ALL, channel: "8" })).toEqual([]);
  });

  it("is loaded once in a generation, and anew in the next", async () => {
    dialogs.mockResolvedValue(page([dialog()], null));
    await openList(ALL);
    await openList(ALL);
    expect(dialogs).toHaveBeenCalledTimes(1);
    beginGeneration();
    expect(ids()).toEqual([]);
    await openList(ALL);
    expect(dialogs).toHaveBeenCalledTimes(2);
  });
});
