import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { FeedbackKind, type FeedbackSchema } from "../../gen/recommendations/v1/feedback_pb.js";
import {
  ListSimilarItemsRequestSchema,
  ListTrendingItemsRequestSchema,
  Recommendations,
  RecommendRequestSchema,
  RecordFeedbackRequestSchema,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { recommendationRules } from "../../src/recommendations/rules.ts";
import { RuleBook } from "../../src/rules.ts";

const book = new RuleBook([recommendationRules]);

function fieldsAtFault<D extends DescMessage>(schema: D, init: MessageInitShape<D>): string[] {
  return book.violations(schema, create(schema, init)).map(({ field }) => field);
}

const long = "x".repeat(257);

test("every request has rules", () => {
  for (const method of Recommendations.methods) expect(book.has(method.input)).toBe(true);
});

test("a recommendation can be asked for with nothing but defaults, and within the bounds", () => {
  expect(fieldsAtFault(RecommendRequestSchema, {})).toEqual([]);
  const excludeIds = Array.from({ length: 1_000 }, () => "x".repeat(256));
  const full = {
    userId: "x".repeat(256),
    maxResults: 1_000,
    excludeIds,
    boosts: Array.from({ length: 100 }, (_, k) => ({
      target: { case: "category" as const, value: "x".repeat(64) },
      factor: k % 2 === 0 ? 0.1 : 10,
    })),
    diversity: 1,
    exploration: 1,
    seed: "x".repeat(128),
    session: Array.from({ length: 500 }, () => ({ itemId: "x".repeat(256) })),
    contextItemId: "x".repeat(256),
    explain: true,
  };
  expect(fieldsAtFault(RecommendRequestSchema, full)).toEqual([]);
});

test("what is out of bounds is named", () => {
  expect(
    fieldsAtFault(RecommendRequestSchema, {
      userId: long,
      maxResults: 1_001,
      excludeIds: ["", long],
    }),
  ).toEqual(["user_id", "max_results", "exclude_ids[1]"]);
  const many = { maxResults: -1, excludeIds: Array.from({ length: 1_001 }, () => "x") };
  expect(fieldsAtFault(RecommendRequestSchema, many)).toEqual(["max_results", "exclude_ids"]);
  const similar = { id: "", maxResults: 101 };
  expect(fieldsAtFault(ListSimilarItemsRequestSchema, similar)).toEqual(["id", "max_results"]);
  const trending = { maxResults: 1_001 };
  expect(fieldsAtFault(ListTrendingItemsRequestSchema, trending)).toEqual(["max_results"]);
});

type Asked = MessageInitShape<typeof RecommendRequestSchema>;
const item = { case: "itemId", value: "emma" } as const;
const many = { length: 501 };

test.each<[string, Asked, string[]]>([
  ["a boost of nothing", { boosts: [{ factor: 2 }] }, ["boosts[0]"]],
  ["a boost without a factor", { boosts: [{ target: item }] }, ["boosts[0].factor"]],
  ["a boost of too much", { boosts: [{ target: item, factor: 10.1 }] }, ["boosts[0].factor"]],
  ["a boost of NaN", { boosts: [{ target: item, factor: Number.NaN }] }, ["boosts[0].factor"]],
  [
    "a boost of an empty creator",
    { boosts: [{ target: { case: "creator", value: "" }, factor: 1 }] },
    ["boosts[0].creator"],
  ],
  [
    "a boost of long names",
    {
      boosts: [
        { target: { case: "itemId", value: long }, factor: 1 },
        { target: { case: "category", value: "x".repeat(65) }, factor: 1 },
        { target: { case: "creator", value: "x".repeat(201) }, factor: 1 },
      ],
    },
    ["boosts[0].item_id", "boosts[1].category", "boosts[2].creator"],
  ],
  ["101 boosts", { boosts: Array.from({ length: 101 }, () => ({})) }, ["boosts"]],
  ["shares below 0", { diversity: -0.1, exploration: -1 }, ["diversity", "exploration"]],
  ["shares above 1", { diversity: 1.1, exploration: 2 }, ["diversity", "exploration"]],
  ["a diversity that is no number", { diversity: Number.NaN }, ["diversity"]],
  ["a long seed", { seed: "x".repeat(129) }, ["seed"]],
  ["a session of nothing", { session: [{}] }, ["session[0].item_id"]],
  ["an unknown kind", { session: [{ itemId: "emma", kind: 9 as never }] }, ["session[0].kind"]],
  [
    "a rating without a value",
    { session: [{ itemId: "emma", kind: FeedbackKind.RATING }] },
    ["session[0].value"],
  ],
  ["a view with a value", { session: [{ itemId: "emma", value: 3 }] }, ["session[0].value"]],
  ["a session of 501", { session: Array.from(many, () => ({ itemId: "x" })) }, ["session"]],
  ["a long context", { contextItemId: long }, ["context_item_id"]],
])("of a recommendation, %s is named", (_name, asked, fields) => {
  expect(fieldsAtFault(RecommendRequestSchema, asked)).toEqual(fields);
});

type Given = MessageInitShape<typeof FeedbackSchema>;
const like: Given = { userId: "ann", itemId: "film", kind: FeedbackKind.LIKE };
const rating = (value: number): Given => ({ ...like, kind: FeedbackKind.RATING, value });

test.each<[string, Given, string[]]>([
  ["a like", like, []],
  ["the worst rating", rating(1), []],
  ["the best rating", rating(5), []],
  ["a rating between", rating(3.5), []],
  ["a rating without a value", rating(0), ["value"]],
  ["a rating below 1", rating(0.99), ["value"]],
  ["a rating above 5", rating(5.01), ["value"]],
  ["a rating that is no number", rating(Number.NaN), ["value"]],
  ["an infinite rating", rating(Infinity), ["value"]],
  ["a like with a value", { ...like, value: 1 }, ["value"]],
  ["a like whose value is no number", { ...like, value: Number.NaN }, ["value"]],
  ["feedback of nobody on nothing", { ...like, userId: "", itemId: "" }, ["user_id", "item_id"]],
  ["long names", { ...like, userId: long, itemId: long }, ["user_id", "item_id"]],
  ["no kind", { ...like, kind: FeedbackKind.UNSPECIFIED }, ["kind"]],
  ["an unknown kind", { ...like, kind: 99 as FeedbackKind }, ["kind"]],
  ["feedback of today", { ...like, feedbackTime: timestampFromMs(Date.now()) }, []],
  ["feedback of 1999", { ...like, feedbackTime: timestampFromMs(9e11) }, ["feedback_time"]],
])("%s", (_name, given, fields) => {
  const found = fieldsAtFault(RecordFeedbackRequestSchema, { feedback: [like, given] });
  expect(found).toEqual(fields.map((field) => `feedback[1].${field}`));
});

test("from 1 to 1,000 pieces of feedback are taken at once", () => {
  const feedback = (length: number): { feedback: Given[] } => ({
    feedback: Array.from({ length }, () => like),
  });
  expect(fieldsAtFault(RecordFeedbackRequestSchema, feedback(0))).toEqual(["feedback"]);
  expect(fieldsAtFault(RecordFeedbackRequestSchema, feedback(1_000))).toEqual([]);
  expect(fieldsAtFault(RecordFeedbackRequestSchema, feedback(1_001))).toEqual(["feedback"]);
});
