import { describe, expect, it } from "vitest";

import { safeReturn } from "./safe-return";

describe("the way back after signing in", () => {
  it("leads to a place in this console", () => {
    expect(safeReturn("/inbox/12?view=all")).toBe("/inbox/12?view=all");
  });

  it.each([null, "https://evil.example", "//evil.example", "/\\evil.example", "/sign-in?next=/sign-in"])(
    "is not %j",
    (next) => {
      expect(safeReturn(next)).toBe("/inbox");
    },
  );
});
