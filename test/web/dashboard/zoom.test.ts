import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endOfBucket, unitFor, units } from "../../../src/web/dashboard/logic/buckets.ts";
import { resolve, type Span } from "../../../src/web/dashboard/logic/range.ts";
import {
  covered,
  zoomedIn,
  zoomedOut,
  zoomedTo,
  type Shown,
} from "../../../src/web/dashboard/logic/zoom.ts";

const DAY = 86_400_000;
const zone = "Europe/Amsterdam";
/** Across the night in which clocks go forward. */
const march: Span = resolve({ from: "2026-03-26", to: "2026-04-01" }, zone, 0) ?? {
  start: 0,
  end: 0,
};

function shownOf(span: Span, unit: (typeof units)[number], inZone = zone): Shown {
  const starts: number[] = [];
  for (let start = span.start; start < span.end; start = endOfBucket(start, unit, inZone)) {
    starts.push(start);
  }
  return { starts, unit, zone: inZone, span };
}

describe("zooming", () => {
  it("should take whole buckets, from either side", () => {
    const shown = shownOf(march, "day");
    const expected = resolve({ from: "2026-03-28", to: "2026-03-30" }, zone, 0);
    expect(zoomedTo(shown, 2, 4)).toEqual(expected);
    expect(zoomedTo(shown, 4, 2)).toEqual(expected);
    // A day of 23 hours.
    const sunday = zoomedTo(shown, 3, 3);
    expect(sunday && (sunday.end - sunday.start) / 3_600_000).toBe(23);
  });

  it("should stay within the range, and never take all of it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...units),
        fc.integer({ min: -3, max: 200 }),
        fc.integer({ min: -3, max: 200 }),
        (unit, from, to) => {
          const zoomed = zoomedTo(shownOf(march, unit), from, to) ?? march;
          expect(zoomed.start).toBeGreaterThanOrEqual(march.start);
          expect(zoomed.end).toBeLessThanOrEqual(march.end);
          expect(zoomed.start).toBeLessThan(zoomed.end);
        },
      ),
    );
    expect(zoomedTo(shownOf(march, "day"), -1, 99)).toBeUndefined();
    expect(zoomedTo({ ...shownOf(march, "day"), starts: [] }, 0, 1)).toBeUndefined();
  });

  it("should come to a single hour by its buttons, and get no further", () => {
    let span: Span | undefined = march;
    let last = march;
    for (let step = 0; span !== undefined && step < 30; step++) {
      last = span;
      span = zoomedIn(shownOf(last, unitFor(last)));
    }
    expect(last.end - last.start).toBe(3_600_000);
  });

  it("should come out to about twice the time, around what was there, but not past today", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20_000 * 24, max: 20_500 * 24 }),
        fc.integer({ min: 1, max: 2_000 }),
        (hour, hours) => {
          const span = { start: hour * 3_600_000, end: (hour + hours) * 3_600_000 };
          const now = 20_400 * DAY;
          const out = zoomedOut(span, zone, now);
          expect(out.start).toBeLessThan(span.start);
          expect(out.end).toBeGreaterThanOrEqual(span.end);
          expect(out.end).toBeLessThanOrEqual(Math.max(span.end + DAY, now + 2 * DAY));
          const length = span.end - span.start;
          // All but what clocks may do to days.
          expect(out.end - out.start).toBeGreaterThanOrEqual(2 * length - 4 * 3_600_000);
          expect(out.end - out.start).toBeLessThanOrEqual(2 * length + 3 * DAY);
        },
      ),
    );
  });

  it.each([
    "UTC",
    "America/New_York",
    "Europe/Amsterdam",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
  ])("should come out to where it came in, in %s", (inZone) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 16_000, max: 20_500 }),
        // More are drawn by weeks.
        fc.integer({ min: 1, max: 49 }),
        fc.boolean(),
        (day, half, isUpToToday) => {
          const date = (number: number) => new Date(number * DAY).toISOString().slice(0, 10);
          const range = { from: date(day), to: date(day + 2 * half - 1) };
          const span = resolve(range, inZone, 0);
          if (span === undefined) throw new Error("these are dates");
          const unit = unitFor(span);
          const within = zoomedIn(shownOf(span, unit, inZone));
          if (within === undefined) throw new Error("there are two buckets at least");
          const now = isUpToToday ? span.end - 1 : 21_000 * DAY;
          expect(zoomedOut(within, inZone, now)).toEqual(span);
        },
      ),
    );
  });

  it("should come out to where it came in, by hours", () => {
    const span = (hours: number): Span => ({
      start: march.start,
      end: march.start + hours * 3_600_000,
    });
    for (const hours of [4, 6, 8, 14, 22]) {
      const within = zoomedIn(shownOf(span(hours), "hour"));
      expect(within && zoomedOut(within, zone, march.end), `${hours}`).toEqual(span(hours));
    }
  });

  it("should know what time all views cover", () => {
    const shown = { ...shownOf(march, "day"), span: undefined };
    expect(covered(shown)).toEqual(march);
    expect(covered({ ...shown, starts: [] })).toBeUndefined();
  });
});
