import { describe, expect, it } from "vitest";
import { LogViewRequestSchema } from "../../gen/analytics/v1/ingestion_pb.js";
import { UpsertItemsRequestSchema } from "../../gen/catalog/v1/catalog_service_pb.js";
import {
  RecommendRequestSchema,
  RecordFeedbackRequestSchema,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { jsonFault } from "../../src/wire/json-fault.ts";

describe("jsonFault", () => {
  it.each([
    [LogViewRequestSchema, { videoName: 12 }, "video_name", /expected string/],
    [LogViewRequestSchema, { video_name: {} }, "video_name", /expected string/],
    [LogViewRequestSchema, { videoName: "v", x: 1 }, "x", /no such field/],
    [LogViewRequestSchema, { startTime: "noon" }, "start_time", /"2026-01-02T03:04:05Z"/],
    [LogViewRequestSchema, { watchDuration: 90 }, "watch_duration", /"90s"/],
    [RecommendRequestSchema, { maxResults: 1.5 }, "max_results", /expected number \(int32\)/],
    [RecommendRequestSchema, { excludeIds: ["a", 2] }, "exclude_ids[1]", /expected string/],
    [RecommendRequestSchema, { excludeIds: "a" }, "exclude_ids", /./],
    [UpsertItemsRequestSchema, { items: [{ id: "a" }, { id: 1 }] }, "items[1].id", /string/],
    [UpsertItemsRequestSchema, { items: [{ x: 1 }] }, "items[0].x", /catalog\.v1\.Item has no/],
    [UpsertItemsRequestSchema, { items: ["a"] }, "items[0]", /Must be an object/],
    [UpsertItemsRequestSchema, { items: [{ properties: { a: 1 } }] }, "items[0].properties", /./],
    [RecordFeedbackRequestSchema, { feedback: [{ kind: "LOVE" }] }, "feedback[0].kind", /LOVE/],
  ])("should name the field at fault of %s, case %#", (schema, json, field, description) => {
    expect(jsonFault(schema, JSON.stringify(json), false)).toEqual({
      field,
      description: expect.stringMatching(description),
    });
  });

  it("should find none where the text is no JSON, or no object, or nothing is wrong", () => {
    for (const text of ["", "{", "[]", "null", '"a"', '{"videoName":"a"}', "{}"]) {
      expect(jsonFault(LogViewRequestSchema, text, false)).toBeUndefined();
    }
  });

  it("should not name an unknown field where those are allowed", () => {
    const text = '{"x": 1, "videoName": 2}';
    expect(jsonFault(LogViewRequestSchema, text, true)).toMatchObject({ field: "video_name" });
  });
});
