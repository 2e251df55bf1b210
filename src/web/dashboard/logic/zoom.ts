import { endOfBucket, type Unit } from "./buckets.ts";
import type { Span } from "./range.ts";
import { isMidnight, laterWall, midnight, momentOf, wallTime } from "./zone.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a chart shows: where its buckets begin, in order. */
export interface Shown {
  readonly starts: readonly number[];
  readonly unit: Unit;
  readonly zone: string;
  /** The range that was asked for; undefined for all time. */
  readonly span: Span | undefined;
}

/** The time that a chart covers. */
export function covered({ starts, unit, zone, span }: Shown): Span | undefined {
  const [first] = starts;
  const last = starts.at(-1);
  if (span !== undefined || first === undefined || last === undefined) return span;
  return { start: first, end: endOfBucket(last, unit, zone) };
}

/**
 * The buckets from one to another, both included, in any order: whole ones, but
 * for what the range leaves out of the first and the last. Undefined where that
 * is all that is shown, or nothing.
 */
export function zoomedTo(shown: Shown, from: number, to: number): Span | undefined {
  const { starts, unit, zone, span } = shown;
  const count = starts.length;
  const [low, high] = [Math.min(from, to), Math.max(from, to)].map((index) =>
    Math.max(0, Math.min(count - 1, index)),
  );
  const first = starts[low ?? 0];
  const last = starts[high ?? 0];
  if (first === undefined || last === undefined) return undefined;
  if (low === 0 && high === count - 1) return undefined;
  return {
    start: Math.max(first, span?.start ?? first),
    end: Math.min(endOfBucket(last, unit, zone), span?.end ?? Infinity),
  };
}

/** The middle half of what is shown; undefined where that is no less. */
export function zoomedIn(shown: Shown): Span | undefined {
  const count = shown.starts.length;
  if (count < 2) return undefined;
  const kept = Math.max(1, Math.ceil(count / 2));
  const from = Math.floor((count - kept) / 2);
  return zoomedTo(shown, from, from + kept - 1);
}

/**
 * About twice as much time around what is shown, in whole days (whole hours for
 * less than half a day), up to the end of today. It undoes {@link zoomedIn} of
 * an even number of days or hours.
 */
export function zoomedOut(span: Span, zone: string, now: number): Span {
  const latest = Math.max(span.end, nextDay(zone, now));
  if (isMidnight(zone, span.start) && isMidnight(zone, span.end)) {
    return moreDays(span, zone, latest);
  }
  const length = span.end - span.start;
  if (2 * length < DAY) return moreHours(span, latest);
  const end = Math.min(span.end + length / 2, latest);
  return wholeDays({ start: end - 2 * length, end }, span, zone);
}

function moreHours(span: Span, latest: number): Span {
  const first = Math.floor(span.start / HOUR);
  const last = Math.ceil(span.end / HOUR);
  const hours = last - first;
  const end = Math.min((last + Math.ceil(hours / 2)) * HOUR, latest);
  return { start: Math.min((first - before(hours)) * HOUR, end - 2 * hours * HOUR), end };
}

/** How many of a number are added before them; a single one is then in the middle of three. */
function before(number: number): number {
  return Math.max(1, Math.floor(number / 2));
}

/** Days by the calendar, which may be longer or shorter ones. */
function moreDays(span: Span, zone: string, latest: number): Span {
  const day = (time: number): number => midnight(wallTime(zone, time));
  const later = (time: number, days: number): number =>
    momentOf(zone, laterWall(day(time), { days }));
  const days = (day(span.end) - day(span.start)) / DAY;
  const end = Math.min(later(span.end, Math.ceil(days / 2)), latest);
  return { start: Math.min(later(span.start, -before(days)), later(end, -2 * days)), end };
}

/** What a day may have more or less where clocks change, and to spare. */
const SLACK = 2 * HOUR;

/** Whole days that have all but a little of one span, and all of another. */
function wholeDays(most: Span, all: Span, zone: string): Span {
  const start = Math.min(most.start + SLACK, all.start);
  const end = Math.max(most.end - SLACK, all.end);
  return {
    start: momentOf(zone, midnight(wallTime(zone, start))),
    end: isMidnight(zone, end) ? end : nextDay(zone, end),
  };
}

function nextDay(zone: string, time: number): number {
  return momentOf(zone, laterWall(midnight(wallTime(zone, time)), { days: 1 }));
}
