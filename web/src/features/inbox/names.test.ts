import { describe, expect, it, vi } from "vitest";

vi.stubGlobal("navigator", { languages: ["en"] });
vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
const { cardNumber, previewText } = await import("./names");

const preview = { direction: "outbound", text: "Już sprawdzam", attachment: null } as const;

describe("the last line of a dialog", () => {
  it("is mine, a colleague's, or the customer's", () => {
    const ala = { type: "agent", id: "1", name: "Ala Kowalska" } as const;
    expect(previewText({ preview, lastRepliedBy: ala }, "1")).toBe("You: Już sprawdzam");
    expect(previewText({ preview, lastRepliedBy: ala }, "2")).toBe("Ala: Już sprawdzam");
    expect(previewText({ preview: { ...preview, direction: "inbound" }, lastRepliedBy: ala }, "2")).toBe(
      "Już sprawdzam",
    );
    const elsewhere = { type: "agent", id: null, name: "Sent elsewhere" } as const;
    expect(previewText({ preview, lastRepliedBy: elsewhere }, "1")).toBe(
      "A colleague elsewhere: Już sprawdzam",
    );
  });
});

describe("the number on a contact card", () => {
  it.each([
    ["48799123456", "telegram", "+48799123456"],
    ["+918660944581", "telegram", "+918660944581"],
    ["601 700 800", "viber", "601 700 800"],
    ["601700800", undefined, "601700800"],
  ])("%s by %s", (phone, kind, shown) => {
    expect(cardNumber(phone, kind)).toBe(shown);
  });
});
