import { Granularity } from "../../../../gen/analytics/v1/query_pb.js";
import type { Span } from "./range.ts";
import { laterWall, midnight, momentOf, wallTime } from "./zone.ts";

/** The lengths of buckets, by their names in the URL. */
export const units = ["hour", "day", "week", "month"] as const;
export type Unit = (typeof units)[number];

/** As the server has them. */
export const granularities: Readonly<Record<Unit, Granularity>> = {
  hour: Granularity.HOUR,
  day: Granularity.DAY,
  week: Granularity.WEEK,
  month: Granularity.MONTH,
};

const HOUR = 3_600_000;
const lengths: Readonly<Record<Unit, number>> = {
  hour: HOUR,
  day: 24 * HOUR,
  week: 168 * HOUR,
  month: 730 * HOUR,
};

/** More points than this are no use to the eye, and a long table for the ear. */
const MOST = 1_500;
/** Up to so many points the finest unit is chosen. */
const FITTING = 100;

/** Whether a span has few enough buckets of a unit to be shown. */
export function fits(unit: Unit, { start, end }: Span): boolean {
  return (end - start) / lengths[unit] <= MOST;
}

/** The unit that is wished for, or else the one that suits the span best. */
export function unitFor(span: Span, wished?: Unit): Unit {
  if (wished !== undefined && fits(wished, span)) return wished;
  // Rounded: where clocks change, two days may have 49 hours.
  const days = Math.round((span.end - span.start) / lengths.day);
  if (wished === undefined && days > 2 && days < 8) return "day";
  // What was wished for is too fine: the finest that is not.
  const most = wished === undefined ? FITTING : MOST;
  return units.find((unit) => (span.end - span.start) / lengths[unit] <= most) ?? "month";
}

/** Where the bucket that begins then ends. */
export function endOfBucket(start: number, unit: Unit, zone: string): number {
  if (unit === "hour") return start + HOUR;
  const day = midnight(wallTime(zone, start));
  if (unit === "month") return momentOf(zone, laterWall(day, { months: 1 }));
  return momentOf(zone, laterWall(day, { days: unit === "week" ? 7 : 1 }));
}
