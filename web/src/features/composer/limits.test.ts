import { describe, expect, it } from "vitest";

import { channel, dialog } from "../../realtime/samples";
import { acceptedTypes, refusalOf, replyLock, replyWindow, textLength, textLimit } from "./limits";

const { capabilities } = channel();
const NOW = Date.parse("2026-03-01T12:00:00Z");

describe("what a channel takes", () => {
  it("locks replies when the window is over, and says so first", () => {
    expect(replyLock(dialog(), true, NOW)).toBeNull();
    expect(replyLock(dialog({ replyUntil: "2026-03-01T11:59:00Z", replyAllowed: false }), true, NOW)).toBe(
      "window_closed",
    );
    expect(replyLock(dialog({ replyAllowed: false }), true, NOW)).toBe("not_allowed");
    expect(replyLock(dialog(), false, NOW)).toBe("not_yours");
  });

  it("lets a person answer longer where the channel allows it", () => {
    const human = { ...capabilities, replyWindowHours: 24, humanReplyHours: 168 };
    const over = dialog({ replyUntil: "2026-03-01T11:59:00Z" });
    expect(replyLock(over, true, NOW, { ...human, humanReplyHours: null })).toBe("window_closed");
    expect(replyLock(over, true, NOW, human)).toBeNull();
    expect(replyWindow(over, human, NOW)).toEqual({
      until: Date.parse("2026-03-07T11:59:00Z"),
      isHumanAgent: true,
    });
    expect(replyWindow(over, human, NOW - 3_600_000)?.isHumanAgent).toBe(false);
    expect(replyLock(dialog({ replyUntil: "2026-02-23T11:59:00Z" }), true, NOW, human)).toBe("window_closed");
  });

  it("limits texts, but not notes", () => {
    const draft = { kind: "message", text: "", attachmentCount: 0 } as const;
    expect(textLimit(draft, capabilities)).toBe(4096);
    expect(textLimit({ ...draft, kind: "note" }, capabilities)).toBeNull();
    expect(textLimit({ ...draft, attachmentCount: 1 }, { ...capabilities, captionLimit: 1024 })).toBe(1024);
    expect(textLength("żółw 🐢")).toBe(6);
  });

  it("refuses files by kind and by size", () => {
    expect(refusalOf({ type: "image/png", size: 10 }, capabilities)).toBeNull();
    expect(refusalOf({ type: "application/pdf", size: 10 }, capabilities)).toBe("kind");
    expect(refusalOf({ type: "image/png", size: 2_000_000 }, capabilities)).toBe("size");
    expect(acceptedTypes(capabilities)).toBe("image/*");
  });
});
