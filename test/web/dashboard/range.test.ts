import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { previousSpan } from "../../../src/analytics/query/previous.ts";
import { zoned } from "../../../src/analytics/query/zone.ts";
import { unitFor, endOfBucket } from "../../../src/web/dashboard/logic/buckets.ts";
import {
  before,
  customRange,
  earlier,
  later,
  presets,
  rangeOfSpan,
  resolve,
  type Preset,
} from "../../../src/web/dashboard/logic/range.ts";
import { momentOf, wallTime, zoneName } from "../../../src/web/dashboard/logic/zone.ts";

const HOUR = 3_600_000;

const zone = fc.constantFrom(
  ...["UTC", "Europe/Amsterdam", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata"],
  ...["Australia/Lord_Howe", "Pacific/Apia", "Asia/Beirut", "America/Havana"],
);
/** A quarter of an hour between 1990 and 2037. */
const moment = fc
  .integer({ min: Date.UTC(1_990, 0) / HOUR, max: Date.UTC(2_037, 0) / HOUR })
  .chain((hour) => fc.constantFrom(0, 0.25, 0.5).map((part) => (hour + part) * HOUR));

describe("wall time", () => {
  it("should be what Temporal says", () => {
    fc.assert(
      fc.property(zone, moment, (name, time) => {
        const { year, month, day, hour, minute } = zoned(time, name);
        expect(wallTime(name, time)).toBe(Date.UTC(year, month - 1, day, hour, minute));
      }),
    );
  });

  it("should lead back to its moment as Temporal does, where clocks jump, too", () => {
    fc.assert(
      fc.property(zone, moment, (name, wall) => {
        const plain = new Date(wall).toISOString().slice(0, 16);
        const expected = zoned(0, name).toPlainDateTime().with(fields(plain));
        expect(momentOf(name, wall)).toBe(expected.toZonedDateTime(name).epochMilliseconds);
      }),
    );
  });
});

function fields(plain: string): {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
} {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = plain.split(/\D/).map(Number);
  return { year, month, day, hour, minute };
}

describe("time zones", () => {
  it.each(["UTC", "Europe/Amsterdam", "America/Argentina/Buenos_Aires"])("should have %s", (name) =>
    expect(zoneName(name)).toBe(name),
  );
  it.each(["", "+01:00", "Mars/Olympus", "__proto__", "a".repeat(65)])(
    "should not have %s",
    (name) => expect(zoneName(name)).toBeUndefined(),
  );
});

describe("ranges", () => {
  it("should come back from a span as they were", () => {
    fc.assert(
      fc.property(zone, moment, fc.integer({ min: 1, max: 24 * 400 }), (name, start, hours) => {
        const span = { start, end: start + hours * HOUR };
        const range = rangeOfSpan(span, name);
        expect(resolve(range, name, 0)).toEqual(span);
        const { from = "", to = "" } = range.preset === undefined ? range : {};
        expect(customRange(from, to, name)).toEqual(range);
      }),
    );
  });

  it("should have the period before that the server has", () => {
    fc.assert(
      fc.property(
        zone,
        fc.integer({ min: 0, max: 12_000 }),
        fc.integer({ min: 1, max: 800 }),
        fc.boolean(),
        (name, day, days, isInDays) => {
          const start = momentOf(name, Date.UTC(1_995, 0, 1 + day));
          const end = isInDays
            ? momentOf(name, Date.UTC(1_995, 0, 1 + day + days))
            : start + days * HOUR;
          const { from, to } = previousSpan({ from: start, to: end }, name);
          expect(earlier({ start, end }, name)).toEqual({ start: from, end: to });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("should go earlier and come back", () => {
    const week = resolve({ preset: "7d" }, "Europe/Amsterdam", Date.UTC(2_026, 9, 27));
    expect(week && later(earlier(week, "Europe/Amsterdam"), "Europe/Amsterdam")).toEqual(week);
  });

  it.each([
    ["today", "2026-03-29T22:00:00.000Z", "2026-03-30T22:00:00.000Z"],
    ["yesterday", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["7d", "2026-03-23T23:00:00.000Z", "2026-03-30T22:00:00.000Z"],
    ["12m", "2025-03-31T22:00:00.000Z", "2026-03-31T22:00:00.000Z"],
  ] as const)("should know %s by the clocks of a zone", (preset, start, end) => {
    const now = Date.parse("2026-03-30T10:00:00Z");
    const span = resolve({ preset }, "Europe/Amsterdam", now);
    expect(span && new Date(span.start).toISOString()).toBe(start);
    expect(span && new Date(span.end).toISOString()).toBe(end);
  });

  it("should have all presets but that of all time with both ends", () => {
    for (const preset of Object.keys(presets) as Preset[]) {
      const span = resolve({ preset }, "UTC", 1_767_323_045_000);
      expect(span === undefined, preset).toBe(preset === "all");
    }
  });

  it("should compare with as much of the period before as has passed", () => {
    const span = { start: 100 * 24 * HOUR, end: 101 * 24 * HOUR };
    expect(before(span, "UTC", span.start + 6 * HOUR)).toEqual({
      start: 99 * 24 * HOUR,
      end: 99.25 * 24 * HOUR,
    });
    expect(before(span, "UTC", span.end)).toEqual({ start: 99 * 24 * HOUR, end: span.start });
  });

  it.each([
    ["2026-02-30", "2026-03-01"],
    ["2026-03-02", "2026-03-01"],
    ["2026-03-02", ""],
    ["1066-10-14", "2026-03-01"],
    ["2026-03-01", "yesterday"],
    ["2026-03-01T10:00Z", "2026-03-01T10:00Z"],
    ["2026-03-01T25:00Z", "2026-03-02T10:00Z"],
  ])("should refuse from %s to %s", (from, to) => {
    expect(customRange(from, to, "UTC")).toBeUndefined();
  });
});

describe("buckets", () => {
  it("should suit the range", () => {
    const days = (count: number): ReturnType<typeof unitFor> =>
      unitFor({ start: 0, end: count * 24 * HOUR });
    expect([1, 2, 7, 28, 90, 365, 4_000].map(days)).toEqual([
      ...["hour", "hour", "day", "day", "day", "week", "month"],
    ]);
  });

  it("should be hours for two days, one of which has 25", () => {
    expect(unitFor({ start: 0, end: 49 * HOUR })).toBe("hour");
  });

  it("should be no finer than can be shown", () => {
    const year = { start: 0, end: 365 * 24 * HOUR };
    expect(unitFor(year, "hour")).toBe("day");
    expect(unitFor(year, "month")).toBe("month");
  });

  it("should end when clocks say so", () => {
    const day = Date.parse("2026-03-28T23:00:00Z");
    expect(endOfBucket(day, "day", "Europe/Amsterdam") - day).toBe(23 * HOUR);
    expect(endOfBucket(day, "hour", "Europe/Amsterdam") - day).toBe(HOUR);
    const month = Date.parse("2026-01-31T23:00:00Z");
    expect(endOfBucket(month, "month", "Europe/Amsterdam")).toBe(
      Date.parse("2026-02-28T23:00:00Z"),
    );
  });
});
