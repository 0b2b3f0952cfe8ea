import { describe, expect, it } from "vitest";

import { channel, dialog } from "../../realtime/samples";
import { acceptedTypes, refusalOf, ruleFor } from "./files";
import { outcome, replyLock, replyWindow, textLength, textLimit } from "./limits";
import { split } from "./split";

const { capabilities } = channel();
const of = (can: typeof capabilities) => ({ active: true, capabilities: can, smsOn: null });
const NOW = Date.parse("2026-03-01T12:00:00Z");

describe("what a channel takes", () => {
  it("locks replies when the window is over, and says so first", () => {
    expect(replyLock(dialog(), true, NOW)).toBeNull();
    expect(replyLock(dialog({ replyUntil: "2026-03-01T11:59:00Z", replyAllowed: false }), true, NOW)).toBe(
      "window_closed",
    );
    expect(replyLock(dialog({ replyAllowed: false }), true, NOW)).toBe("not_allowed");
    expect(replyLock(dialog({ replyAllowed: false, elsewhere: true }), true, NOW)).toBe("elsewhere");
    expect(replyLock(dialog(), false, NOW)).toBe("not_yours");
    expect(replyLock(dialog(), true, NOW, { active: true, capabilities, smsOn: false })).toBe("number_off");
    expect(replyLock(dialog(), true, NOW, { ...of(capabilities), active: false })).toBe("paused");
    expect(replyLock(dialog(), true, NOW, { active: true, capabilities, smsOn: true })).toBeNull();
  });

  it("lets a person answer longer where the channel allows it", () => {
    const human = { ...capabilities, replyWindowHours: 24, humanReplyHours: 168 };
    const over = dialog({ replyUntil: "2026-03-01T11:59:00Z" });
    expect(replyLock(over, true, NOW, of({ ...human, humanReplyHours: null }))).toBe("window_closed");
    expect(replyLock(over, true, NOW, of(human))).toBeNull();
    expect(replyWindow(over, human, NOW)).toEqual({
      until: Date.parse("2026-03-07T11:59:00Z"),
      isHumanAgent: true,
    });
    expect(replyWindow(over, human, NOW - 3_600_000)?.isHumanAgent).toBe(false);
    expect(replyLock(dialog({ replyUntil: "2026-02-23T11:59:00Z" }), true, NOW, of(human))).toBe(
      "window_closed",
    );
  });

  it("limits texts, but not notes", () => {
    expect(textLimit("message", capabilities)).toBe(40_960);
    expect(textLimit("note", capabilities)).toBeNull();
    expect(textLength("żółw 🐢")).toBe(7);
  });

  it("takes files by what they are and how large they are", () => {
    const png = { kind: "image", mime: "image/png", size: 10 };
    expect(refusalOf(png, capabilities)).toBeNull();
    expect(refusalOf({ ...png, size: 2_000_000 }, capabilities)).toEqual({ limit: 1_000_000 });
    expect(refusalOf({ ...png, kind: "file", mime: "application/pdf" }, capabilities)).toEqual({
      limit: null,
    });
    expect(acceptedTypes(capabilities)).toBe("image/png");
    const files = [...capabilities.files, { kind: "file", bytes: 5_000_000, types: [], caption: 0 }];
    expect(ruleFor({ ...png, size: 2_000_000 }, { ...capabilities, files })).toBe(files[1]);
    expect(acceptedTypes({ ...capabilities, files })).toBeUndefined();
  });
});

describe("what a reply becomes", () => {
  const draft = {
    kind: "message",
    text: "słowo ".repeat(1000),
    attachments: [],
    hasQuickReplies: false,
    hasLinkButtons: false,
  } as const;
  const png = { kind: "image", mime: "image/png", size: 10 };

  it("says how many messages a long text is", () => {
    expect(outcome({ ...draft, text: "tak" }, capabilities)).toEqual({ parts: 1, apart: false });
    expect(outcome(draft, capabilities)).toEqual({ parts: 2, apart: false });
    expect(outcome({ ...draft, hasQuickReplies: true }, capabilities)).toEqual({ parts: 6, apart: false });
    expect(outcome({ ...draft, hasLinkButtons: true }, capabilities).parts).toBe(10);
    expect(outcome({ ...draft, hasQuickReplies: true, hasLinkButtons: true }, capabilities).parts).toBe(10);
    expect(outcome({ ...draft, kind: "note" }, capabilities).parts).toBe(0);
  });

  it("says when a text does not go under the picture", () => {
    const captioned = {
      ...capabilities,
      files: capabilities.files.map((rule) => ({ ...rule, caption: 10 })),
    };
    expect(outcome({ ...draft, text: "tak", attachments: [png] }, capabilities).apart).toBe(true);
    expect(outcome({ ...draft, text: "tak", attachments: [png] }, captioned).apart).toBe(false);
    expect(outcome({ ...draft, text: "tak ".repeat(9), attachments: [png] }, captioned).apart).toBe(true);
    expect(
      outcome({ ...draft, text: "tak", attachments: [png], hasQuickReplies: true }, captioned).apart,
    ).toBe(true);
    expect(
      outcome({ ...draft, text: "tak", attachments: [png], hasLinkButtons: true }, captioned).apart,
    ).toBe(true);
  });

  it("cuts where connectors/text.py cuts", () => {
    expect(split("ala ma kota", 8)).toEqual(["ala ma", "kota"]);
    expect(split("ala ma\nkota i psa", 12)).toEqual(["ala ma", "kota i psa"]);
    expect(split("a".repeat(10), 4)).toEqual(["aaaa", "aaaa", "aa"]);
    expect(split("😀😀", 3)).toEqual(["😀", "😀"]);
    expect(split(" \n ", 5)).toEqual([]);
  });
});
