import { offsetPeriods, type OffsetPeriod } from "./zone.ts";

/** What a bucket of time can be: an hour of the clock, or a day, ISO week or month of the calendar. */
export type BucketLength = "hour" | "day" | "week" | "month";

/** How many buckets a question may have. */
export const MAX_BUCKETS = 10_000;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 1970-01-05 was a Monday: days since 1970. */
const A_MONDAY = 4;

/** No bucket is as long as this, however clocks change. */
const LONGER_THAN_ANY: Readonly<Record<BucketLength, number>> = {
  hour: 2 * DAY,
  day: 3 * DAY,
  week: 9 * DAY,
  month: 33 * DAY,
};

/**
 * When the buckets begin that have a moment from `from` up to, but not
 * including, `to`: milliseconds since 1970, ascending. The first one may begin
 * before `from`. Undefined for more than {@link MAX_BUCKETS}.
 *
 * A day, week or month begins when the clocks first show its midnight or, if
 * they jump over that, with the jump. A day that they jump over has no bucket;
 * one that they go back into goes on. An hour begins when the clocks show a full
 * hour, or jump into another one: of an hour that they show twice there are two.
 */
export function bucketStarts(
  zone: string,
  length: BucketLength,
  from: number,
  to: number,
): number[] | undefined {
  if (from >= to) return [];
  // Clocks that jump by hours have few of them: what is far too much needs no count.
  const margin = LONGER_THAN_ANY[length];
  const usual = length === "hour" ? 2 * HOUR : margin;
  if ((to - from) / usual > MAX_BUCKETS) return undefined;
  const begin = from - margin - 2 * DAY;
  const periods = offsetPeriods(zone, begin, to);
  const starts =
    length === "hour"
      ? hourStarts(periods, begin, to)
      : dateStarts(periods, dates(length, begin + (periods[0]?.offset ?? 0)), to);
  const first = starts.findLastIndex((start) => start <= from);
  const found = starts.slice(Math.max(first, 0));
  return found.length > MAX_BUCKETS ? undefined : found;
}

function hourStarts(periods: readonly OffsetPeriod[], begin: number, to: number): number[] {
  const starts: number[] = [];
  for (const [index, { from, offset }] of periods.entries()) {
    const end = Math.min(periods[index + 1]?.from ?? to, to);
    const before = periods[index - 1];
    // What the clocks jump into begins with the jump.
    if (before !== undefined && hourOf(from - 1 + before.offset) !== hourOf(from + offset)) {
      starts.push(from);
    }
    const first = Math.ceil((Math.max(from, begin) + offset) / HOUR) * HOUR - offset;
    for (let start = first; start < end; start += HOUR) {
      if (start !== starts.at(-1)) starts.push(start);
    }
  }
  return starts;
}

function hourOf(local: number): number {
  return Math.floor(local / HOUR);
}

function dateStarts(
  periods: readonly OffsetPeriod[],
  midnights: Iterable<number>,
  to: number,
): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const midnight of midnights) {
    // The first period in which the clocks show this midnight or a later time.
    let next = periods[at + 1];
    while (next !== undefined && next.from + (periods[at]?.offset ?? 0) <= midnight) {
      next = periods[++at + 1];
    }
    const { from = 0, offset = 0 } = periods[at] ?? {};
    const start = Math.max(from, midnight - offset);
    if (start >= to) return starts;
    // A day that begins as late as the next one never was.
    if (start !== starts.at(-1)) starts.push(start);
  }
  return starts;
}

/** The local times at which days, weeks or months begin, without end: from the last one before `local` on. */
function* dates(length: Exclude<BucketLength, "hour">, local: number): Generator<number> {
  const day = Math.floor(local / DAY);
  if (length === "month") {
    const date = new Date(local);
    for (let month = date.getUTCMonth(); ; month++) {
      // Date.UTC takes the year 99 for 1999.
      yield new Date(0).setUTCFullYear(date.getUTCFullYear(), month, 1);
    }
  }
  const days = length === "week" ? 7 : 1;
  const first = length === "week" ? Math.floor((day - A_MONDAY) / 7) * 7 + A_MONDAY : day;
  for (let at = first; ; at += days) yield at * DAY;
}
