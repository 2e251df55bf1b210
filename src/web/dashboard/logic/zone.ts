/**
 * Just as much of the arithmetic of time zones as the page needs: what browsers
 * know by Intl. A wall time is the milliseconds that a clock on the wall shows,
 * counted as if it stood in UTC, so that dates can be reckoned with Date.UTC.
 */

const DAY = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return format;
}

/**
 * The name of a zone as it is written, whatever its case; undefined if it is no
 * name of the IANA database that this runtime knows.
 */
export function zoneName(name: string): string | undefined {
  // Offsets such as "+01:00" are known to Intl, but are no names.
  if (!/^[A-Za-z]/.test(name) || name.length > 64) return undefined;
  try {
    const { timeZone } = formatOf(name).resolvedOptions();
    // Intl may know a place by an older name, such as Calcutta.
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  } catch {
    return undefined;
  }
}

/** What the clocks of a zone show at a moment. */
export function wallTime(zone: string, time: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(time)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((time % 1_000) + 1_000) % 1_000);
}

/**
 * When the clocks of a zone show that: the first time if they do so twice, and
 * as long after the jump as it is past its beginning if they leave it out.
 */
export function momentOf(zone: string, wall: number): number {
  // No clock is more than 14 hours from UTC: these are surely before and after.
  const offset = (time: number): number => wallTime(zone, time) - time;
  const before = wall - offset(wall - DAY);
  if (wallTime(zone, before) === wall) return before;
  const after = wall - offset(wall + DAY);
  return wallTime(zone, after) === wall ? after : before;
}

/**
 * A wall time that is so many days or months later. A month that is too short
 * for the day has its last one.
 */
export function laterWall(wall: number, by: { days?: number; months?: number }): number {
  const date = new Date(wall);
  if (by.months !== undefined) {
    const day = date.getUTCDate();
    date.setUTCMonth(date.getUTCMonth() + by.months, 1);
    const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0);
    date.setUTCDate(Math.min(day, new Date(next).getUTCDate()));
  }
  return date.getTime() + (by.days ?? 0) * DAY;
}

/** The wall time of the midnight at or before one. */
export function midnight(wall: number): number {
  return Math.floor(wall / DAY) * DAY;
}

/** Whether a day of the zone begins at a moment. */
export function isMidnight(zone: string, time: number): boolean {
  return momentOf(zone, midnight(wallTime(zone, time))) === time;
}
