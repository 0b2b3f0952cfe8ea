import { describe, expect, it } from "vitest";

import { waiting } from "./waiting";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const tone = (since: string | null) => waiting(since, NOW)?.tone;

describe("waiting", () => {
  it("is said after ten minutes, and grows more urgent", () => {
    expect(tone(null)).toBeUndefined();
    expect(tone("2026-03-01T11:51:00Z")).toBeUndefined();
    expect(tone("2026-03-01T11:50:00Z")).toBe("calm");
    expect(tone("2026-03-01T11:20:00Z")).toBe("warn");
    expect(tone("2026-03-01T09:20:00Z")).toBe("late");
  });
});
