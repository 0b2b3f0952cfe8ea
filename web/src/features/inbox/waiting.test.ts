import { describe, expect, it } from "vitest";

import { waiting } from "./waiting";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const tone = (since: string | null, lastAt = "2026-03-01T11:59:00Z") => waiting(since, NOW, lastAt)?.tone;

describe("waiting", () => {
  it("is said after ten minutes, and grows more urgent", () => {
    expect(tone(null)).toBeUndefined();
    expect(tone("2026-03-01T11:51:00Z")).toBeUndefined();
    expect(tone("2026-03-01T11:50:00Z")).toBe("calm");
    expect(tone("2026-03-01T11:20:00Z")).toBe("warn");
    expect(tone("2026-03-01T09:20:00Z")).toBe("late");
  });

  it("does not repeat the time of the last message until it presses", () => {
    expect(tone("2026-03-01T11:45:10Z", "2026-03-01T11:45:40Z")).toBeUndefined();
    expect(tone("2026-03-01T11:45:10Z", "2026-03-01T11:46:40Z")).toBe("calm");
    expect(tone("2026-03-01T11:20:00Z", "2026-03-01T11:20:00Z")).toBe("warn");
  });
});
