import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits, units } from "../../../src/web/dashboard/logic/buckets.ts";
import {
  dimensions,
  loggedValue,
  longest,
  withFilter,
  type DimensionName,
  type Filter,
} from "../../../src/web/dashboard/logic/filters.ts";
import { metricNames } from "../../../src/web/dashboard/logic/metrics.ts";
import {
  presets,
  resolve,
  type Preset,
  type Range,
} from "../../../src/web/dashboard/logic/range.ts";
import { readState, writeState, type State } from "../../../src/web/dashboard/logic/state.ts";

const now = Date.UTC(2_026, 0, 20, 10);

const text = fc.string({ unit: "binary", maxLength: 20 });
const filter: fc.Arbitrary<Filter> = fc
  .record({
    dimension: fc.constantFrom(...(Object.keys(dimensions) as DimensionName[])),
    name: fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
    value: text,
    not: fc.boolean(),
  })
  .map(({ dimension, name, value, not }) => ({
    dimension,
    property: dimension === "property" ? name : "",
    value: loggedValue(dimension, value) ?? "",
    not,
  }));
const date = fc
  .integer({ min: 3_000, max: 40_000 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
const range: fc.Arbitrary<Range> = fc.oneof(
  fc.constantFrom(...(Object.keys(presets) as Preset[])).map((preset) => ({ preset })),
  fc.tuple(date, date).map(([one = "", other = ""]) => {
    const [from, to] = one < other ? [one, other] : [other, one];
    return { from, to };
  }),
  date.map((day) => ({ from: `${day}T09:00Z`, to: `${day}T11:30Z` })),
);
const state: fc.Arbitrary<State> = fc
  .record({
    range,
    zone: fc.constantFrom("UTC", "Europe/Amsterdam", "America/Argentina/Buenos_Aires"),
    filters: fc
      .array(filter, { maxLength: 6 })
      .map((list) => list.reduce<readonly Filter[]>(withFilter, [])),
    metric: fc.constantFrom(...metricNames),
    unit: fc.constantFrom(undefined, ...units),
    video: text,
  })
  .map((given) => {
    const span = resolve(given.range, given.zone, now);
    const isFine =
      given.unit !== undefined && (span ? fits(given.unit, span) : given.unit !== "hour");
    return { ...given, unit: isFine ? given.unit : undefined };
  });

describe("the state of the page", () => {
  it("should come back from a URL as it went in", () => {
    fc.assert(
      fc.property(state, (given) => {
        const url = new URL(writeState(given), "http://localhost/dashboard");
        expect(readState(url.search, "Asia/Tokyo", now)).toEqual(given);
      }),
      { numRuns: 300 },
    );
  });

  it("should be some state, whatever the URL says", () => {
    fc.assert(
      fc.property(fc.webQueryParameters(), text, (query, value) => {
        const broken = `?${query}&is.country=${value}&range=${value}&from=${value}&to=2026-01-01`;
        const read = readState(broken, "UTC", now);
        expect(readState(writeState(read), "UTC", now)).toEqual(read);
      }),
    );
  });

  it("should be a readable query", () => {
    const given = readState(
      "?range=7d&is.country=NL&not.device=tv&is.property.plan=free&metric=viewers",
      "Europe/Amsterdam",
      now,
    );
    expect(given.filters).toEqual([
      { dimension: "country", property: "", value: "NL", not: false },
      { dimension: "device", property: "", value: "tv", not: true },
      { dimension: "property", property: "plan", value: "free", not: false },
    ]);
    expect(writeState(given)).toBe(
      "?range=7d&is.country=NL&not.device=tv&is.property.plan=free&metric=viewers&zone=Europe/Amsterdam",
    );
  });

  it.each([
    "range=constructor",
    "metric=toString",
    "by=minute",
    "zone=Mars",
    "is.property=free",
    "is.country.x=NL",
    "maybe.country=NL",
    "is.country=Netherlands",
    "is.country=N1",
    `video=${"v".repeat(257)}`,
    "from=2026-01-01",
    "from=2026-02-31&to=2026-03-01",
  ])("should leave out %s", (query) => {
    expect(readState(`?${query}`, "UTC", now)).toEqual(readState("", "UTC", now));
  });

  it.each(["video", "device", "referrer", "property"] as const)(
    "should leave out what no view has as its %s",
    (dimension) => {
      const key = dimension === "property" ? "not.property.plan" : `not.${dimension}`;
      // A character outside the first plane counts as one.
      const most = "😀".repeat(longest[dimension]);
      const filtersOf = (value: string) =>
        readState(`?${key}=${encodeURIComponent(value)}`, "UTC", now).filters;
      expect(filtersOf(most)).toMatchObject([{ dimension, value: most }]);
      expect(filtersOf(`${most}x`)).toEqual([]);
    },
  );

  it("should have values and zones in the case that they have elsewhere", () => {
    const query = "?is.country=nl&is.country=NL&is.referrer=Example.org&is.device=TV&is.country=";
    const read = readState(`${query}&zone=america/new_york`, "UTC", now);
    expect(read.filters.map(({ value }) => value)).toEqual(["NL", "example.org", "TV", ""]);
    expect(read.zone).toBe("America/New_York");
    expect(readState("?zone=Asia/Kolkata", "UTC", now).zone).toBe("Asia/Kolkata");
  });

  it("should have no steps that are too many for the range", () => {
    const unitOf = (query: string) => readState(`?${query}`, "UTC", now).unit;
    expect(unitOf("by=hour&range=28d")).toBe("hour");
    expect(unitOf("by=hour&range=12m")).toBeUndefined();
    expect(unitOf("by=hour&range=all")).toBeUndefined();
    expect(unitOf("by=day&range=all")).toBe("day");
    expect(unitOf("by=day&from=2016-01-01&to=2026-01-01")).toBeUndefined();
  });

  it("should have no more filters than the server takes", () => {
    const many = Array.from({ length: 80 }, (_, index) => `is.video=v${index}`).join("&");
    expect(readState(`?${many}`, "UTC", now).filters).toHaveLength(50);
  });
});
