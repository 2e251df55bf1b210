import { zoned } from "./zone.ts";

/** A span of time with both ends: milliseconds since 1970. */
export interface ClosedSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * The span right before another one: as many months of the calendar, else as
 * many days, as that has whole in the time zone; else as many milliseconds.
 */
export function previousSpan(span: ClosedSpan, zone: string): ClosedSpan {
  const begin = zoned(span.from, zone);
  const end = zoned(span.to, zone);
  for (const unit of ["months", "days"] as const) {
    const number = begin.until(end, { largestUnit: unit })[unit];
    // Where clocks jump, "so many days later" may be elsewhere than "so many days before".
    if (number > 0 && begin.add({ [unit]: number }).epochMilliseconds === span.to) {
      return { from: begin.subtract({ [unit]: number }).epochMilliseconds, to: span.from };
    }
  }
  return { from: 2 * span.from - span.to, to: span.from };
}
