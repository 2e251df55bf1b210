import { create, fromBinary, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import * as analytics from "../gen/analytics/v1/analytics_service_pb.js";
import { LogViewRequestSchema } from "../gen/analytics/v1/ingestion_pb.js";
import * as catalog from "../gen/catalog/v1/catalog_service_pb.js";
import * as recommendations from "../gen/recommendations/v1/recommendations_service_pb.js";
import { MarketplaceService } from "../gen/marketplace/v1/marketplace_service_pb.js";
import { ProfileService } from "../gen/profiles/v1/profile_service_pb.js";
import { Bidirectional } from "../gen/tutorial/bidirectional_pb.js";
import { ProfileService as TutorialProfileService } from "../gen/tutorial/profile_service_pb.js";
import { RouteGuide } from "../gen/tutorial/route_guide_pb.js";
import { Unary } from "../gen/tutorial/unary_pb.js";
import * as greeter from "../gen/tutorial/greeter_pb.js";
import * as tutorialAnalytics from "../gen/tutorial/analytics_pb.js";
import * as tutorialRecommendations from "../gen/tutorial/recommendations_pb.js";
import { analyticsRules } from "../src/analytics/rules.ts";
import { catalogRules } from "../src/catalog/rules.ts";
import { marketplaceRules } from "../src/marketplace/rules.ts";
import { recommendationRules } from "../src/recommendations/rules.ts";
import { profileRules } from "../src/profiles/rules.ts";
import { RuleBook } from "../src/rules.ts";
import { tutorialRules } from "../src/tutorial/rules.ts";

const book = new RuleBook([
  analyticsRules,
  catalogRules,
  recommendationRules,
  profileRules,
  marketplaceRules,
  tutorialRules,
]);

/** The fields that are refused, with what is said of them. */
function refused<D extends DescMessage>(schema: D, init: MessageInitShape<D>): string[] {
  return book
    .violations(schema, create(schema, init))
    .map(({ field, description }) => `${field}: ${description}`);
}

const long = (length: number): string => "x".repeat(length);
const item = { id: "a", title: "A" };
const feedback = { userId: "u", itemId: "i", kind: 2 };

describe("the bounds of requests", () => {
  it("should cover every request that has a field", () => {
    const services = [
      analytics.AnalyticsService,
      catalog.CatalogService,
      recommendations.Recommendations,
      greeter.Greeter,
      tutorialAnalytics.AnalyticsService,
      tutorialRecommendations.Recommendations,
      ProfileService,
      MarketplaceService,
      TutorialProfileService,
      Unary,
      Bidirectional,
      RouteGuide,
    ];
    const bare = services
      .flatMap((service) => service.methods)
      .filter(({ input }) => input.fields.length > 0 && !book.has(input));
    expect(bare.map(({ input }) => input.typeName)).toEqual([]);
  });

  it.each([
    [{ videoName: long(256) }, []],
    [{ videoName: "🎬".repeat(256) }, []],
    [{}, ["video_name: Required: it must not be empty."]],
    [{ videoName: long(257) }, ["video_name: At most 256 characters, not 257."]],
    [{ videoName: "v", viewId: long(129) }, ["view_id: At most 128 characters, not 129."]],
    [{ videoName: "v", viewerId: long(257) }, ["viewer_id: At most 256 characters, not 257."]],
    [{ videoName: "v", country: "nl" }, []],
    [
      { videoName: "v", country: "N" },
      ["country: Must be an ISO 3166-1 alpha-2 code, such as NL."],
    ],
    [{ videoName: "v", device: long(65) }, ["device: At most 64 characters, not 65."]],
    [{ videoName: "v", referrer: long(2049) }, ["referrer: At most 2048 characters, not 2049."]],
    [
      { videoName: "v", startTime: timestampFromMs(Date.UTC(2000, 0, 1) - 1) },
      ["start_time: Must not be before the year 2000."],
    ],
    [{ videoName: "v", startTime: timestampFromMs(Date.now() + 4 * 60_000) }, []],
    [
      { videoName: "v", startTime: timestampFromMs(Date.now() + 6 * 60_000) },
      ["start_time: Must not be more than 5 minutes in the future."],
    ],
    [
      { videoName: "v", startTime: { seconds: 1_767_323_045n, nanos: -1 } },
      ["start_time: Must be a time from the year 1 to 9999, with nanos from 0 to 999,999,999."],
    ],
    [{ videoName: "v", watchDuration: { seconds: 7n * 86_400n } }, []],
    [
      { videoName: "v", watchDuration: { seconds: 7n * 86_400n, nanos: 1 } },
      ["watch_duration: From 0 to 7 days."],
    ],
    [{ videoName: "v", watchDuration: { seconds: -1n } }, ["watch_duration: From 0 to 7 days."]],
    [
      { country: "xyz", watchDuration: { seconds: -1n } },
      [
        "video_name: Required: it must not be empty.",
        "watch_duration: From 0 to 7 days.",
        "country: Must be an ISO 3166-1 alpha-2 code, such as NL.",
      ],
    ],
  ])("should check LogView, case %#", (init, expected) => {
    expect(refused(LogViewRequestSchema, init).toSorted()).toEqual(expected.toSorted());
  });

  it.each([
    [{ videoName: "v", minPosition: -1n }, /^min_position: /],
    [{ videoName: "v", minPosition: 2n ** 60n }, /^min_position: /],
    [{ videoName: "v", interval: { startTime: { seconds: 2n ** 60n } } }, /^interval.start_time: /],
  ])("should refuse GetViewStats, case %#", (init, expected) => {
    expect(refused(analytics.GetViewStatsRequestSchema, init)).toEqual([
      expect.stringMatching(expected),
    ]);
  });

  it.each([-1, 1001, 2 ** 31 - 1, -(2 ** 31)])("should refuse a page of %i", (pageSize) => {
    const expected = [`page_size: From 1 to 1000, not ${pageSize}.`];
    expect(refused(analytics.ListTopVideosRequestSchema, { pageSize })).toEqual(expected);
    expect(refused(catalog.ListItemsRequestSchema, { pageSize })).toEqual(expected);
  });

  it.each([
    [[item], []],
    [[], ["items: From 1 to 1000 elements, not 0."]],
    [
      Array.from({ length: 1001 }, (_, id) => ({ id: `${id}`, title: "T" })),
      ["items: From 1 to 1000 elements, not 1001."],
    ],
    [[item, item], ['items[1].id: "a" stands twice.']],
    [[{ id: "a" }], ["items[0].title: Required: it must not be empty."]],
    [
      [item, { ...item, id: "b", categories: ["ok", "Not ok"] }],
      [
        "items[1].categories[1]: Must be a slug: lower-case letters, digits, and single hyphens between them.",
      ],
    ],
    [[{ ...item, categories: ["a", "b", "a"] }], ['items[0].categories[2]: "a" stands twice.']],
    [[{ ...item, creators: [""] }], ["items[0].creators[0]: Required: it must not be empty."]],
    [
      [{ ...item, properties: { year: long(1001) } }],
      ['items[0].properties["year"]: At most 1000 characters, not 1001.'],
    ],
  ])("should check UpsertItems, case %#", (items, expected) => {
    expect(refused(catalog.UpsertItemsRequestSchema, { items })).toEqual(expected);
  });

  it.each([
    [{ ...feedback }, /^$/],
    [{ ...feedback, userId: "" }, /^feedback\[0\]\.user_id: /],
    [{ ...feedback, itemId: "" }, /^feedback\[0\]\.item_id: /],
    [{ ...feedback, kind: 0 }, /^feedback\[0\]\.kind: /],
    [{ ...feedback, kind: 7 }, /^feedback\[0\]\.kind: /],
    [{ ...feedback, kind: 4, value: 5 }, /^$/],
    [{ ...feedback, kind: 4 }, /^feedback\[0\]\.value: /],
    [{ ...feedback, kind: 4, value: 5.1 }, /^feedback\[0\]\.value: /],
    [{ ...feedback, kind: 4, value: Number.NaN }, /^feedback\[0\]\.value: /],
    [{ ...feedback, value: 1 }, /^feedback\[0\]\.value: /],
    [{ ...feedback, feedbackTime: { seconds: 0n } }, /^feedback\[0\]\.feedback_time: /],
  ])("should check RecordFeedback, case %#", (one, expected) => {
    const found = refused(recommendations.RecordFeedbackRequestSchema, { feedback: [one] });
    expect(found.join("\n")).toMatch(expected);
  });

  it.each([
    [{}, /^$/],
    [{ maxResults: 1000 }, /^$/],
    [{ maxResults: 1001 }, /^max_results: /],
    [{ maxResults: -1 }, /^max_results: /],
    [{ userId: long(257) }, /^user_id: /],
    [{ excludeIds: Array.from({ length: 1001 }, () => "x") }, /^exclude_ids: /],
    [{ excludeIds: ["x", long(257)] }, /^exclude_ids\[1\]: /],
  ])("should check Recommend, case %#", (init, expected) => {
    const found = refused(recommendations.RecommendRequestSchema, init);
    expect(found.join("\n")).toMatch(expected);
  });

  it("should take a message of unknown fields for what it is without them", () => {
    const bytes = Uint8Array.from([0xfa, 0x7f, 0x01, 0x61]);
    const request = fromBinary(LogViewRequestSchema, bytes);
    expect(book.violations(LogViewRequestSchema, request)).toHaveLength(1);
  });
});
