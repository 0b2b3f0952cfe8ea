export type Preset = "today" | "yesterday" | "last-7" | "last-30" | "this-month" | "previous-month";
export const PRESETS: readonly Preset[] = [
  "today",
  "yesterday",
  "last-7",
  "last-30",
  "this-month",
  "previous-month",
];

export interface Period {
  from: string;
  to: string;
}

/** The day it is in a time zone, as YYYY-MM-DD. */
export function todayIn(timeZone: string, now: number): string {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(now);
}

/** First and last day of a preset, both included; the present day is part of "last 7 days". */
export function periodOf(preset: Preset, today: string): Period {
  const [year = 0, month = 1, day = 1] = today.split("-").map(Number);
  switch (preset) {
    case "today":
      return { from: today, to: today };
    case "yesterday":
      return { from: dayText(year, month, day - 1), to: dayText(year, month, day - 1) };
    case "last-7":
      return { from: dayText(year, month, day - 6), to: today };
    case "last-30":
      return { from: dayText(year, month, day - 29), to: today };
    case "this-month":
      return { from: dayText(year, month, 1), to: today };
    case "previous-month":
      return { from: dayText(year, month - 1, 1), to: dayText(year, month, 0) };
  }
}

export function presetOf(from: string | null, to: string | null, today: string): Preset | null {
  return (
    PRESETS.find((preset) => {
      const period = periodOf(preset, today);
      return period.from === from && period.to === to;
    }) ?? null
  );
}

function dayText(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}
