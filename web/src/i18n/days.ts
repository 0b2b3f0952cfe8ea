const formats = new Map<string | undefined, Intl.DateTimeFormat>();

/** The date of a moment in a time zone (the browser's, when none is named), as 2026-11-21. */
export function calendarDay(at: Date | string, timeZone?: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    // Canada writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat("en-CA", {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      timeZone,
    });
    formats.set(timeZone, format);
  }
  return format.format(new Date(at));
}
