import { describe, expect, it } from "vitest";

import { apiQuery, DEFAULT_FILTERS, filtersFrom, isNarrowed, type LogFilters, queryFor } from "./filters";
import { periodOf, presetOf, todayIn } from "./periods";

const some: LogFilters = {
  status: "all",
  agent: "nobody",
  from: "2026-03-01",
  to: "2026-03-31",
  channel: "7",
  source: "google",
  search: "żółw & co",
  order: "agent_asc",
};

describe("filters of the log", () => {
  it("come back from the address as they went in", () => {
    expect(filtersFrom(new URLSearchParams(queryFor(some)))).toEqual(some);
    expect(filtersFrom(new URLSearchParams(queryFor(DEFAULT_FILTERS)))).toEqual(DEFAULT_FILTERS);
  });

  it("leave the address plain by default", () => {
    expect(queryFor(DEFAULT_FILTERS)).toBe("");
    expect(isNarrowed({ ...DEFAULT_FILTERS, order: "created_asc" })).toBe(false);
    expect(isNarrowed(some)).toBe(true);
  });

  it("leave out what makes no sense", () => {
    expect(filtersFrom(new URLSearchParams("status=odd&from=yesterday&order=x"))).toEqual(DEFAULT_FILTERS);
  });

  it("name the time zone when days are chosen", () => {
    expect(apiQuery(some, "Europe/Warsaw")["tz"]).toBe("Europe/Warsaw");
    expect(apiQuery(DEFAULT_FILTERS, "Europe/Warsaw")["tz"]).toBeNull();
  });
});

describe("periods", () => {
  it("count days of the stated time zone", () => {
    const justAfterMidnightInWarsaw = Date.parse("2026-03-01T23:30:00Z");
    expect(todayIn("Europe/Warsaw", justAfterMidnightInWarsaw)).toBe("2026-03-02");
    expect(todayIn("UTC", justAfterMidnightInWarsaw)).toBe("2026-03-01");
  });

  it("are right at the ends of months and years", () => {
    expect(periodOf("yesterday", "2026-03-01")).toEqual({ from: "2026-02-28", to: "2026-02-28" });
    expect(periodOf("last-7", "2026-01-03")).toEqual({ from: "2025-12-28", to: "2026-01-03" });
    expect(periodOf("previous-month", "2026-01-15")).toEqual({ from: "2025-12-01", to: "2025-12-31" });
  });

  it("are known again by their days", () => {
    expect(presetOf("2026-03-01", "2026-03-15", "2026-03-15")).toBe("this-month");
    expect(presetOf("2026-03-02", "2026-03-15", "2026-03-15")).toBeNull();
  });
});
