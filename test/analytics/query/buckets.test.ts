import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketStarts, type BucketLength } from "../../../src/analytics/query/buckets.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** What a clock shows in a zone, as the runtime says: "2024-10-27 02:30". */
function clock(zone: string): (time: number) => string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "short",
  });
  return (time) => format.format(time);
}

/** The Monday of a date such as "2024-10-27", or its month, or itself: as text, in the order of time. */
function dateLabel(length: BucketLength, date: string): string {
  if (length === "month") return date.slice(0, 7);
  if (length === "day") return date;
  const day = Date.parse(`${date}T00:00Z`);
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  return new Date(day - weekday * DAY).toISOString().slice(0, 10);
}

/** All beginnings of buckets after `from` and before `to`, found by looking at the clock each minute. */
function watched(zone: string, length: BucketLength, from: number, to: number): number[] {
  const shows = clock(zone);
  const starts: number[] = [];
  let before = shows(from);
  let latest = dateLabel(length, before.slice(0, 10));
  for (let time = from + MINUTE; time < to; time += MINUTE) {
    const now = shows(time);
    if (length === "hour") {
      if (now.slice(0, 13) !== before.slice(0, 13) || now.endsWith(":00")) starts.push(time);
    } else {
      const label = dateLabel(length, now.slice(0, 10));
      if (label > latest) {
        starts.push(time);
        latest = label;
      }
    }
    before = now;
  }
  return starts;
}

const lengths = ["hour", "day", "week", "month"] as const;

/** A week around something odd: a zone, and when. */
const oddities: [zone: string, when: string][] = [
  ["UTC", "2024-02-29"],
  ["Europe/Amsterdam", "2024-03-31"],
  ["Europe/Amsterdam", "2024-10-27"],
  ["Europe/Amsterdam", "2021-01-01"],
  ["America/New_York", "2024-03-10"],
  ["America/New_York", "2024-11-03"],
  // No midnight on the day that clocks go forward.
  ["America/Sao_Paulo", "2018-11-04"],
  ["America/Sao_Paulo", "2018-02-18"],
  ["Asia/Beirut", "2024-03-31"],
  ["Africa/Cairo", "2024-04-26"],
  ["America/Havana", "2024-03-10"],
  ["America/Santiago", "2024-09-08"],
  // Offsets that are no whole hours.
  ["Asia/Kolkata", "2024-01-01"],
  ["Asia/Kathmandu", "2024-01-01"],
  ["Australia/Lord_Howe", "2024-04-07"],
  ["Australia/Lord_Howe", "2024-10-06"],
  ["Pacific/Chatham", "2024-04-07"],
  ["America/Caracas", "2016-05-01"],
  ["Asia/Pyongyang", "2015-08-15"],
  ["Asia/Pyongyang", "2018-05-05"],
  // Clocks that went back over midnight, a minute after it.
  ["America/St_Johns", "2010-11-07"],
  // Days that never were.
  ["Pacific/Apia", "2011-12-30"],
  ["Pacific/Kwajalein", "1993-08-21"],
  ["Africa/Casablanca", "2024-03-10"],
  ["Antarctica/Troll", "2024-10-27"],
];

describe("buckets of time", () => {
  it.each(oddities)("should be what clocks show in %s around %s", (zone, when) => {
    const middle = Date.parse(`${when}T00:00Z`);
    const [from, to] = [middle - 4 * DAY, middle + 4 * DAY];
    for (const length of lengths) {
      const starts = bucketStarts(zone, length, from, to) ?? [];
      expect(starts[0]).toBeLessThanOrEqual(from);
      const expected = watched(zone, length, from, to);
      const inside = starts.filter((start) => start > from);
      expect(inside.map((start) => new Date(start).toISOString())).toEqual(
        expected.map((start) => new Date(start).toISOString()),
      );
    }
  });

  it("should be what clocks show in any zone at any time since 1990", () => {
    const zones = Intl.supportedValuesOf("timeZone");
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1990, 0, 1) / MINUTE, max: Date.UTC(2035, 0, 1) / MINUTE }),
        fc.constantFrom(...lengths),
        (zone, minute, length) => {
          const from = minute * MINUTE;
          const to = from + 10 * DAY;
          const starts = bucketStarts(zone, length, from, to) ?? [];
          expect(starts.filter((start) => start > from)).toEqual(watched(zone, length, from, to));
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  it("should have days of 23 and 25 hours", () => {
    const lengthsOf = (day: string): number[] => {
      const from = Date.parse(`${day}T12:00Z`);
      const [start = 0, end = 0] = bucketStarts("Europe/Amsterdam", "day", from, from + DAY) ?? [];
      return [(end - start) / 3_600_000];
    };
    expect(lengthsOf("2024-03-31")).toEqual([23]);
    expect(lengthsOf("2024-10-27")).toEqual([25]);
  });

  it("should have no bucket for the day that Samoa skipped", () => {
    const starts = bucketStarts(
      "Pacific/Apia",
      "day",
      Date.parse("2011-12-29T00:00-10:00"),
      Date.parse("2012-01-02T00:00+14:00"),
    );
    expect(starts?.map((start) => new Date(start).toISOString())).toEqual([
      "2011-12-29T10:00:00.000Z",
      "2011-12-30T10:00:00.000Z",
      "2011-12-31T10:00:00.000Z",
    ]);
  });

  it("should have the ISO weeks of a new year, and months of all lengths", () => {
    const starts = (length: BucketLength, from: string, to: string) =>
      bucketStarts("UTC", length, Date.parse(from), Date.parse(to))?.map((start) =>
        new Date(start).toISOString().slice(0, 10),
      );
    expect(starts("week", "2021-01-01", "2021-01-05")).toEqual(["2020-12-28", "2021-01-04"]);
    expect(starts("month", "2024-01-31", "2024-04-01")).toEqual([
      "2024-01-01",
      "2024-02-01",
      "2024-03-01",
    ]);
    expect(starts("month", "0001-01-31", "0001-02-02")).toEqual(["0001-01-01", "0001-02-01"]);
    expect(starts("day", "1969-12-31", "1970-01-02")).toEqual(["1969-12-31", "1970-01-01"]);
  });

  it("should be none of an empty interval, and no list of more than 10,000", () => {
    expect(bucketStarts("UTC", "day", 5, 5)).toEqual([]);
    const hours = (count: number) => bucketStarts("UTC", "hour", 0, count * 3_600_000);
    expect(hours(10_000)).toHaveLength(10_000);
    expect(hours(10_001)).toBeUndefined();
    const [from, to] = [Date.parse("0001-01-01"), Date.parse("9999-12-31")];
    for (const length of lengths) {
      expect(bucketStarts("Europe/Amsterdam", length, from, to)).toBeUndefined();
    }
  });
});
