import { describe, expect, it } from "vitest";

import { activity, message } from "../../realtime/samples";
import { buildTimeline, firstUnread } from "./timeline";

const at = (time: string): string => new Date(`2026-03-01T${time}`).toISOString();

function shape(input: Parameters<typeof buildTimeline>[0]) {
  return buildTimeline(input).map((item) =>
    item.type === "group" ? item.messages.map((one) => one.id).join("+") : item.type,
  );
}

describe("the timeline of a thread", () => {
  it("groups what one author writes within three minutes", () => {
    const messages = [
      message({ id: "1", at: at("10:00:00") }),
      message({ id: "2", at: at("10:02:59") }),
      message({ id: "3", at: at("10:06:10") }),
      message({
        id: "4",
        at: at("10:06:20"),
        direction: "outbound",
        author: { type: "agent", id: "2", name: "Ala" },
      }),
      message({
        id: "5",
        at: at("10:06:30"),
        direction: "outbound",
        kind: "note",
        author: { type: "agent", id: "2", name: "Ala" },
      }),
    ];
    expect(shape({ messages, activities: [], from: null })).toEqual(["day", "1+2", "3", "4", "5"]);
  });

  it("begins a day where it begins in the time zone that is asked for", () => {
    const messages = [
      message({ id: "1", at: "2026-03-01T22:30:00.000Z" }),
      message({ id: "2", at: "2026-03-01T23:30:00.000Z" }),
    ];
    const input = { messages, activities: [], from: null };
    expect(shape({ ...input, timeZone: "UTC" })).toEqual(["day", "1", "2"]);
    expect(shape({ ...input, timeZone: "Europe/Warsaw" })).toEqual(["day", "1", "day", "2"]);
  });

  it("puts what happened between the messages, and a heading before each day", () => {
    const messages = [
      message({ id: "1", at: at("10:00:00") }),
      message({ id: "2", at: new Date("2026-03-02T10:00:00").toISOString() }),
    ];
    const activities = [activity({ id: "9", at: at("10:00:30") })];
    expect(shape({ messages, activities, from: null })).toEqual(["day", "1", "activity", "day", "2"]);
  });

  it("puts what a message did below it, and what came before it above", () => {
    const messages = [message({ id: "5", at: at("10:00:00"), text: "STOP" })];
    const did = activity({ id: "9", type: "opted_out", at: at("10:00:00") });
    const came = activity({ id: "8", type: "reopened", at: at("10:00:00") });
    expect(shape({ messages, activities: [did], from: null })).toEqual(["day", "5", "activity"]);
    expect(shape({ messages, activities: [came], from: null })).toEqual(["day", "activity", "5"]);
  });

  it("begins with the beginning, though the provider's clock was behind ours", () => {
    const messages = [message({ id: "1", at: at("09:59:00") }), message({ id: "2", at: at("09:59:30") })];
    const created = activity({ id: "9", type: "created", at: at("10:00:00") });
    expect(shape({ messages, activities: [created], from: null })).toEqual(["day", "activity", "1+2"]);
    expect(shape({ messages, activities: [created], from: at("09:59:30") })).toEqual(["day", "2"]);
  });

  it("orders by time, then by id as a number", () => {
    const messages = [message({ id: "10", at: at("10:00:00") }), message({ id: "9", at: at("10:00:00") })];
    expect(shape({ messages, activities: [], from: null })).toEqual(["day", "9+10"]);
  });

  it("leaves out what lies before the part that was loaded", () => {
    const messages = [message({ id: "1", at: at("09:00:00") }), message({ id: "2", at: at("10:00:00") })];
    expect(shape({ messages, activities: [], from: at("10:00:00") })).toEqual(["day", "2"]);
  });

  it("marks where the new begins, unless all of it is new", () => {
    const messages = ["1", "2", "3"].map((id) => message({ id, at: at(`10:00:0${id}`) }));
    const answer = message({ id: "4", at: at("10:00:04"), direction: "outbound" });
    const input = { messages, activities: [], from: null };
    expect(shape({ ...input, newFrom: firstUnread([answer, ...messages], 2) })).toEqual([
      "day",
      "1",
      "new",
      "2+3",
    ]);
    expect(shape({ ...input, newFrom: firstUnread(messages, 3) })).toEqual(["day", "1+2+3"]);
    expect(firstUnread(messages, 0)).toBeNull();
    expect(firstUnread(messages, 4)).toBeNull();
  });
});
