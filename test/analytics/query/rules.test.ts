import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import {
  QueryViewsRequestSchema,
  type DimensionKind,
  type DimensionSchema,
  type FilterSchema,
  type Granularity,
  type Metric,
} from "../../../gen/analytics/v1/query_pb.js";
import { GetAudienceRetentionRequestSchema } from "../../../gen/analytics/v1/retention_pb.js";
import { ListTrendingVideosRequestSchema } from "../../../gen/analytics/v1/trending_pb.js";
import { questionRules } from "../../../src/analytics/question-rules.ts";
import { RuleBook } from "../../../src/rules.ts";

type Question = MessageInitShape<typeof QueryViewsRequestSchema>;
type Dimension = MessageInitShape<typeof DimensionSchema>;
type Filter = MessageInitShape<typeof FilterSchema>;

const book = new RuleBook([questionRules]);

/** The fields of a question that are refused; of one that counts views unless it says otherwise. */
function refused(question: Question): string[] {
  const request = create(QueryViewsRequestSchema, { metrics: [1], ...question } as Question);
  return book.violations(QueryViewsRequestSchema, request).map(({ field }) => field);
}

const country = { kind: 2 };
const inCountries = (values: string[], dimension: Dimension = country): Filter => ({
  condition: { case: "in", value: { dimension, values } },
});
const ok = inCountries(["NL"]);
const nested = (depth: number): Filter =>
  depth === 1 ? ok : { condition: { case: "not", value: nested(depth - 1) } };
const both = (...filters: Filter[]): Filter => ({
  condition: { case: "allOf", value: { filters } },
});
const either = (...filters: Filter[]): Filter => ({
  condition: { case: "anyOf", value: { filters } },
});
const prefix = (text: string): Filter => ({
  condition: { case: "prefix", value: { dimension: country, prefix: text } },
});
const now = timestampFromMs(0);

describe("the bounds of QueryViews", () => {
  it.each<[Question, string[]]>([
    [{ metrics: [1, 2, 3, 4, 5, 6, 7] }, []],
    [{ metrics: [] }, ["metrics"]],
    [{ metrics: [0] }, ["metrics[0]"]],
    [{ metrics: [1, 8 as Metric] }, ["metrics[1]"]],
    [{ metrics: [1, 2, 1] }, ["metrics[2]"]],
    [{ dimensions: [1, 2, 3, 4].map((kind) => ({ kind })) }, []],
    [{ dimensions: [1, 2, 3, 4, 5].map((kind) => ({ kind })) }, ["dimensions"]],
    [{ dimensions: [{}] }, ["dimensions[0].kind"]],
    [{ dimensions: [{ kind: 9 as DimensionKind }] }, ["dimensions[0].kind"]],
    [{ dimensions: [country, country] }, ["dimensions[1]"]],
    [{ dimensions: [{ kind: 6 }] }, ["dimensions[0].property"]],
    [{ dimensions: [{ kind: 6, property: "x".repeat(65) }] }, ["dimensions[0].property"]],
    [{ dimensions: [{ kind: 2, property: "x" }] }, ["dimensions[0].property"]],
    [
      {
        dimensions: [
          { kind: 6, property: "a" },
          { kind: 6, property: "b" },
        ],
      },
      [],
    ],
    [
      {
        dimensions: [
          { kind: 6, property: "a" },
          { kind: 6, property: "a" },
        ],
      },
      ["dimensions[1]"],
    ],
    [{ granularity: 5 as Granularity }, ["granularity"]],
    [{ timeZone: "Europe/Amsterdam" }, []],
    [{ timeZone: "europe/amsterdam" }, []],
    [{ timeZone: "Europe/Atlantis" }, ["time_zone"]],
    [{ timeZone: "+01:00" }, ["time_zone"]],
    [{ timeZone: "2024-01-01T00:00[Europe/Amsterdam]" }, ["time_zone"]],
    [{ timeZone: "x".repeat(65) }, ["time_zone"]],
    [{ pageSize: 10_000 }, []],
    [{ pageSize: 10_001 }, ["page_size"]],
    [{ pageSize: -1 }, ["page_size"]],
    [{ pageToken: "x".repeat(4_097) }, ["page_token"]],
    [{ minPosition: -1n }, ["min_position"]],
    [{ comparePrevious: true }, ["interval.start_time", "interval.end_time"]],
    [{ comparePrevious: true, interval: { startTime: now } }, ["interval.end_time"]],
    [{ comparePrevious: true, interval: { startTime: now, endTime: now } }, []],
    [{ interval: { startTime: { nanos: -1 } } }, ["interval.start_time"]],
  ])("should be checked, case %#", (question, expected) => {
    expect(refused(question)).toEqual(expected);
  });

  it.each<[Filter[], string[]]>([
    [[ok, prefix("N")], []],
    [[{}], ["filters[0]"]],
    [[ok, inCountries([])], ["filters[1].in.values"]],
    [[inCountries(Array.from({ length: 1_000 }, String))], []],
    [[inCountries(Array.from({ length: 1_001 }, String))], ["filters[0].in.values"]],
    [[inCountries([""])], []],
    [[inCountries(["NL"], {})], ["filters[0].in.dimension.kind"]],
    [[{ condition: { case: "in", value: { values: ["NL"] } } }], ["filters[0].in.dimension"]],
    [[inCountries(["NL"], { kind: 6 })], ["filters[0].in.dimension.property"]],
    [[prefix("")], ["filters[0].prefix.prefix"]],
    [[prefix("x".repeat(2_049))], ["filters[0].prefix.prefix"]],
    [[both()], ["filters[0].all_of.filters"]],
    [
      [either(ok, both(ok, either()))],
      ["filters[0].any_of.filters[1].all_of.filters[1].any_of.filters"],
    ],
    [[both(ok, inCountries([]))], ["filters[0].all_of.filters[1].in.values"]],
    [[{ condition: { case: "not", value: {} } }], ["filters[0].not"]],
    [[nested(8)], []],
    [[nested(9)], [`filters[0]${".not".repeat(8)}`]],
    [[nested(60)], [`filters[0]${".not".repeat(8)}`]],
    [Array.from({ length: 100 }, () => ok), []],
    [Array.from({ length: 101 }, () => ok), ["filters"]],
    [[both(...Array.from({ length: 99 }, () => ok))], []],
    [
      [
        both(...Array.from({ length: 50 }, () => ok)),
        either(...Array.from({ length: 50 }, () => ok)),
      ],
      ["filters"],
    ],
  ])("should be checked of filters, case %#", (filters, expected) => {
    expect(refused({ filters })).toEqual(expected);
  });

  it.each<[Question, string[]]>([
    [{ orderBy: [{ key: { case: "metric", value: 1 } }] }, []],
    [{ orderBy: [{}] }, ["order_by[0]"]],
    [{ orderBy: [{ key: { case: "metric", value: 2 } }] }, ["order_by[0].metric"]],
    [{ orderBy: [{ key: { case: "metric", value: 0 } }] }, ["order_by[0].metric"]],
    [{ orderBy: [{ key: { case: "dimension", value: 1 } }] }, ["order_by[0].dimension"]],
    [{ dimensions: [country], orderBy: [{ key: { case: "dimension", value: 1 } }] }, []],
    [
      {
        dimensions: [country],
        orderBy: [0, 2, -1].map((value) => ({ key: { case: "dimension", value } })),
      },
      ["order_by[0].dimension", "order_by[1].dimension", "order_by[2].dimension"],
    ],
    [{ orderBy: [{ key: { case: "time", value: true } }] }, ["order_by[0].time"]],
    [{ granularity: 1, orderBy: [{ key: { case: "time", value: true } }] }, []],
    [{ granularity: 1, orderBy: [{ key: { case: "time", value: false } }] }, ["order_by[0].time"]],
    [
      { orderBy: Array.from({ length: 9 }, () => ({ key: { case: "metric", value: 1 } })) },
      ["order_by"],
    ],
  ])("should be checked of the order, case %#", (question, expected) => {
    expect(refused(question)).toEqual(expected);
  });

  it("should be told all at once", () => {
    const found = refused({
      metrics: [],
      filters: [{}],
      timeZone: "nowhere",
      comparePrevious: true,
    });
    expect(found).toEqual([
      "metrics",
      "filters[0]",
      "time_zone",
      "interval.start_time",
      "interval.end_time",
    ]);
  });
});

describe("the bounds of the other questions", () => {
  it.each([
    [{}, []],
    [{ window: { seconds: 60n }, maxResults: 1_000 }, []],
    [{ window: { seconds: 31n * 86_400n } }, []],
    [{ window: { seconds: 59n, nanos: 999_999_999 } }, ["window"]],
    [{ window: { seconds: 31n * 86_400n, nanos: 1 } }, ["window"]],
    [{ window: {} }, ["window"]],
    [{ window: { seconds: -60n } }, ["window"]],
    [{ maxResults: 1_001, minPosition: -1n }, ["max_results", "min_position"]],
  ])("should be checked of ListTrendingVideos, case %#", (init, expected) => {
    const request = create(ListTrendingVideosRequestSchema, init);
    const found = book.violations(ListTrendingVideosRequestSchema, request);
    expect(found.map(({ field }) => field)).toEqual(expected);
  });

  it("should be checked of GetAudienceRetention", () => {
    const request = create(GetAudienceRetentionRequestSchema, { minPosition: -1n });
    const found = book.violations(GetAudienceRetentionRequestSchema, request);
    expect(found.map(({ field }) => field)).toEqual(["video_name", "min_position"]);
  });
});
