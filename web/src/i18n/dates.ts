import { now } from "../app/clock";
import { locale, t } from ".";
import { calendarDay } from "./days";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(date: Date | string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale.value} ${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(locale.value === "en" ? "en-GB" : locale.value, options);
    formats.set(key, made);
  }
  return made.format(new Date(date));
}

export function timeOfDay(at: Date | string, timeZone?: string): string {
  return format(at, { hour: "2-digit", minute: "2-digit", timeZone });
}

/** Everything there is to know about a moment; shown on hover. */
export function fullTime(at: string, timeZone?: string): string {
  return format(at, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZone,
    timeZoneName: "short",
  });
}

export function shortDate(at: string, timeZone?: string): string {
  const sameYear = new Date(at).getFullYear() === new Date(now.value).getFullYear();
  return format(at, { day: "numeric", month: "short", year: sameYear ? undefined : "numeric", timeZone });
}

/** For tables: date and time in one line. */
export function dateAndTime(at: string, timeZone?: string): string {
  return `${shortDate(at, timeZone)}, ${timeOfDay(at, timeZone)}`;
}

/** How long ago, as short as people write it; a date when it is long ago. */
export function timeAgo(at: string): string {
  const age = now.value - Date.parse(at);
  if (age < MINUTE) return t("time.now");
  if (age < HOUR) return t("time.minutes", { n: Math.floor(age / MINUTE) });
  if (age < 12 * HOUR) return t("time.hours", { n: Math.floor(age / HOUR) });
  const daysAgo = calendarDaysAgo(at);
  if (daysAgo === 0) return timeOfDay(at);
  if (daysAgo === 1) return t("time.yesterday");
  if (daysAgo < 7) return format(at, { weekday: "short" });
  return shortDate(at);
}

/** The same where it stands in a sentence: “3 min ago”. */
export function agoInWords(at: string): string {
  const age = Math.max(0, now.value - Date.parse(at));
  if (age < MINUTE) return t("time.just-now");
  const relative = new Intl.RelativeTimeFormat(locale.value === "en" ? "en-GB" : locale.value, {
    style: "short",
    numeric: "auto",
  });
  if (age < HOUR) return relative.format(-Math.floor(age / MINUTE), "minute");
  const daysAgo = calendarDaysAgo(at);
  if (daysAgo === 0 || age < 12 * HOUR) return relative.format(-Math.floor(age / HOUR), "hour");
  return daysAgo < 7 ? relative.format(-daysAgo, "day") : shortDate(at);
}

/** A length of time in its greatest unit: 31 min, 4 h, 47 h, 2 d. */
export function duration(milliseconds: number): string {
  if (milliseconds < HOUR) return t("time.minutes", { n: Math.max(1, Math.floor(milliseconds / MINUTE)) });
  if (milliseconds < 2 * DAY) return t("time.hours", { n: Math.floor(milliseconds / HOUR) });
  return t("time.days", { n: Math.floor(milliseconds / DAY) });
}

/** Heading of a day in a thread. */
export function dayHeading(at: string, timeZone?: string): string {
  const daysAgo = calendarDaysAgo(at, timeZone);
  if (daysAgo === 0) return t("time.today");
  if (daysAgo === 1) return t("time.yesterday");
  const sameYear =
    calendarDay(at, timeZone).slice(0, 4) === calendarDay(new Date(now.value), timeZone).slice(0, 4);
  return format(at, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: sameYear ? undefined : "numeric",
    timeZone,
  });
}

function calendarDaysAgo(at: string, timeZone?: string): number {
  const midnight = (moment: Date | string) => Date.parse(calendarDay(moment, timeZone));
  return Math.round((midnight(new Date(now.value)) - midnight(at)) / DAY);
}

export function fileSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte"] as const;
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const value = bytes / 1000 ** step;
  return new Intl.NumberFormat(locale.value, {
    style: "unit",
    unit: units[step],
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}
