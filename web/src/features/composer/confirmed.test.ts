import { describe, expect, it } from "vitest";

import { message } from "../../realtime/samples";
import { unconfirmed } from "./confirmed";
import type { PendingMessage } from "./outbox-storage";

const pending: PendingMessage = {
  key: "k",
  dialogId: "1",
  kind: "message",
  text: "Już sprawdzam",
  attachments: [],
  seenSeq: "10",
  afterId: "100",
  createdAt: "2026-03-01T10:00:00.000Z",
  state: "sending",
};
const mine = message({
  id: "101",
  direction: "outbound",
  text: "Już sprawdzam",
  author: { type: "agent", id: "2", name: "Ala" },
});

describe("a message on its way", () => {
  it("is not shown twice when the stream is quicker than the answer", () => {
    expect(unconfirmed([pending], [mine], "2")).toEqual([]);
  });

  it("is not taken for an older one with the same words, nor for a colleague's", () => {
    expect(unconfirmed([pending], [{ ...mine, id: "99" }], "2")).toEqual([pending]);
    expect(unconfirmed([pending], [mine], "3")).toEqual([pending]);
  });

  it("stands for one message only", () => {
    const again = { ...pending, key: "k2" };
    expect(unconfirmed([pending, again], [mine], "2")).toEqual([again]);
  });
});
