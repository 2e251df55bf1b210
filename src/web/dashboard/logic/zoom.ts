import { endOfBucket, type Unit } from "./buckets.ts";
import type { Span } from "./range.ts";
import { laterWall, midnight, momentOf, wallTime } from "./zone.ts";

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
 * Twice as much time around what is shown, in whole days (whole hours for less
 * than half a day), up to the end of today.
 */
export function zoomedOut(span: Span, zone: string, now: number): Span {
  const more = (span.end - span.start) / 2;
  const end = Math.min(span.end + more, Math.max(span.end, nextDay(zone, now)));
  const start = end - 4 * more;
  const whole = 4 * more < DAY ? wholeHours : wholeDays;
  return whole({ start, end }, zone);
}

function wholeHours({ start, end }: Span): Span {
  return { start: Math.floor(start / HOUR) * HOUR, end: Math.ceil(end / HOUR) * HOUR };
}

function wholeDays({ start, end }: Span, zone: string): Span {
  const first = momentOf(zone, midnight(wallTime(zone, start)));
  const last = momentOf(zone, midnight(wallTime(zone, end)));
  return { start: first, end: last === end ? end : nextDay(zone, end) };
}

function nextDay(zone: string, time: number): number {
  return momentOf(zone, laterWall(midnight(wallTime(zone, time)), { days: 1 }));
}
