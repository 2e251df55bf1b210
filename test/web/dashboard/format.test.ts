import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { QueryViewsResponseSchema } from "../../../gen/analytics/v1/query_pb.js";
import {
  HeldOutMetricsSchema,
  TrainModelResponseSchema,
  TrainModelResponse_Stage as Stage,
} from "../../../gen/recommendations/v1/recommendations_service_pb.js";
import {
  ago,
  axisUnit,
  bucketName,
  change,
  count,
  countryName,
  countSteps,
  duration,
  quantity,
  spanText,
} from "../../../src/web/dashboard/logic/format.ts";
import { resolve } from "../../../src/web/dashboard/logic/range.ts";
import { seriesOf, unitForMonths } from "../../../src/web/dashboard/logic/series.ts";
import {
  heldOutText,
  trainingOutcome,
  trainingProgress,
} from "../../../src/web/dashboard/logic/training.ts";
import { trendWindow } from "../../../src/web/dashboard/logic/trend.ts";

describe("what people read", () => {
  it.each([
    [0, "0 s"],
    [400, "0 s"],
    [59_600, "1 min"],
    [61_000, "1 min 1 s"],
    [3_600_000, "1 h"],
    [11_520_000, "3 h 12 min"],
    [90_000_000, "1 d 1 h"],
    [86_400_000 * 123.5, "123 days"],
    [86_400_000 * 12_345, "12.3K days"],
  ])("should have %d ms as %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("should have counts in few characters", () => {
    expect([0, 9_999, 12_345, 10_000_000].map(count)).toEqual(["0", "9,999", "12.3K", "10M"]);
    expect(quantity("share", 0.1234)).toBe("12.3%");
    expect(quantity("count", undefined)).toBe("–");
  });

  it.each([
    [112, 100, "up", "+12%"],
    [88, 100, "down", "−12%"],
    [100, 100, "same", "0%"],
    [0, 0, "same", "0%"],
    [1_000, 1_004, "same", "0%"],
    [5, 0, "up", "new"],
    [0, 5, "down", "−100%"],
    [109, 10, "up", "+990%"],
    [131, 2, "up", "×66"],
    [20_000, 1, "up", "×20K"],
  ] as const)("should have the change to %d from %d", (now, then, direction, text) => {
    expect(change(now, then)).toMatchObject({ direction, text });
  });

  it("should tell no change of what is unknown", () => {
    expect(change(undefined, 1)).toBeUndefined();
    expect(change(1, undefined)).toBeUndefined();
  });

  it("should have axes in a unit that suits them", () => {
    expect(axisUnit("duration", 7_200_000).unit).toBe(" h");
    expect(axisUnit("duration", 0).unit).toBe(" s");
    expect(axisUnit("share", 1)).toEqual({ unit: "%", length: 0.01 });
  });

  it("should have whole steps between the lines of an axis of counts, in ascending order", () => {
    expect(countSteps).toEqual(countSteps.toSorted((a, b) => a - b));
    expect(countSteps.slice(0, 5)).toEqual([1, 2, 5, 10, 20]);
  });

  it("should have times in the zone that is chosen", () => {
    const start = Date.parse("2026-01-04T23:00:00Z");
    expect(bucketName("day", "Europe/Amsterdam", true)(start)).toBe("Mon, 5 Jan 2026");
    expect(bucketName("week", "Europe/Amsterdam", true)(start)).toBe("Week of 5 Jan 2026");
    const range = { from: "2026-01-05", to: "2026-01-11" };
    const span = resolve(range, "Europe/Amsterdam", 0);
    expect(span && spanText(span, "Europe/Amsterdam", range)).toMatch(/^5\s*–\s*11 Jan 2026$/);
  });

  it("should have names for countries, and leave what is none", () => {
    expect(["NL", "XX", "mars", "??"].map(countryName)).toEqual([
      "Netherlands",
      "XX",
      "mars",
      "??",
    ]);
  });

  it("should say how long ago", () => {
    expect([0, 30, 90, 7_200, 86_400].map((seconds) => ago(0, seconds * 1_000))).toEqual([
      ...["just now", "30 seconds ago", "1 minute ago", "2 hours ago", "yesterday"],
    ]);
  });

  it("should compare as long a time as is looked at", () => {
    const days = (number: number) => trendWindow({ start: 0, end: number * 86_400_000 });
    expect([days(365), days(0.1), days(6.96)]).toEqual([31, 1, 7].map((n) => n * 86_400));
    expect([days(1), days(7), days(28), trendWindow(undefined)]).toEqual(
      [1, 7, 28, 31].map((number) => number * 86_400),
    );
  });
});

describe("a series", () => {
  it("should have no figure of what is still to come, and none before all time", () => {
    const row = (hour: number) => ({
      startTime: timestampFromMs(hour * 3_600_000),
      metrics: { views: BigInt(hour) },
      previous: { views: 7n },
    });
    const { rows } = create(QueryViewsResponseSchema, { rows: [row(1), row(2), row(3)] });
    const about = { metric: "views", unit: "hour", zone: "UTC" } as const;
    const span = { start: 3_600_000, end: 4 * 3_600_000 };
    expect(seriesOf(rows, { ...about, span }, 2.5 * 3_600_000)).toMatchObject({
      starts: [1, 2, 3].map((hour) => hour * 3_600_000),
      values: [1, 2, undefined],
      previous: [7, 7, 7],
    });
    expect(seriesOf(rows, { ...about, span: undefined }, 0).previous).toEqual([]);
  });

  it("should have steps that suit all the time there is", () => {
    expect([0, 4, 24, 25].map(unitForMonths)).toEqual(["day", "day", "week", "month"]);
  });
});

describe("a training", () => {
  it("should go on from stage to stage", () => {
    const stages = [Stage.READING, Stage.EVALUATING, Stage.LEARNING, Stage.DONE];
    const progress = stages.flatMap((stage) =>
      [0, 1].map(
        (part) =>
          trainingProgress(create(TrainModelResponseSchema, { stage, progress: part })).progress,
      ),
    );
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect([progress[0], progress.at(-1)]).toEqual([0, 1]);
  });

  it("should say what held-out viewers found", () => {
    const metrics = create(HeldOutMetricsSchema, { users: 1_234n, recallAt20: 0.31 });
    expect(heldOutText(metrics)).toBe(
      "Of what 1,234 held-out viewers liked, 31% was among the first 20 recommended.",
    );
    expect(heldOutText({ ...metrics, users: 1n })).toMatch(/^Of what one held-out viewer liked/);
  });

  it("should tell of a refusal", () => {
    const comparison = { learned: { ndcgAt100: 0.2 }, inPlace: { ndcgAt100: 0.25 } };
    const done = { stage: Stage.DONE, comparison };
    expect(trainingOutcome(create(TrainModelResponseSchema, { ...done, refused: true }))).toBe(
      "The new model is clearly worse (quality 0.200, before 0.250): the one from before stays.",
    );
    expect(trainingOutcome(create(TrainModelResponseSchema, { stage: Stage.DONE }))).toBe(
      "The new model is in place.",
    );
  });
});
