import { create, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { QueryViewsRequestSchema } from "../../../gen/analytics/v1/query_pb.js";
import {
  filterMessages,
  hasMoreThanVideos,
  onlyVideo,
  withFilter,
  withoutFilter,
  type Filter,
} from "../../../src/web/dashboard/logic/filters.ts";

const is = (dimension: Filter["dimension"], value: string, property = ""): Filter => ({
  dimension,
  property,
  value,
  not: false,
});
const not = (...given: Parameters<typeof is>): Filter => ({ ...is(...given), not: true });

function json(filters: readonly Filter[]): unknown {
  const request = create(QueryViewsRequestSchema, { filters: filterMessages(filters) });
  return (toJson(QueryViewsRequestSchema, request) as { filters?: unknown }).filters;
}

describe("filters as the server has them", () => {
  it("should be none for none", () => {
    expect(json([])).toBeUndefined();
  });

  it("should be one of the values of a dimension, and all dimensions", () => {
    expect(
      json([is("country", "NL"), is("device", "tv"), is("country", "BE"), is("country", "")]),
    ).toEqual([
      { in: { dimension: { kind: "DIMENSION_KIND_COUNTRY" }, values: ["NL", "BE", ""] } },
      { in: { dimension: { kind: "DIMENSION_KIND_DEVICE" }, values: ["tv"] } },
    ]);
  });

  it("should be none of the values that are excluded", () => {
    expect(json([not("referrer", "a.example"), not("referrer", "b.example")])).toEqual([
      {
        not: {
          in: {
            dimension: { kind: "DIMENSION_KIND_REFERRER_HOST" },
            values: ["a.example", "b.example"],
          },
        },
      },
    ]);
  });

  it("should keep properties with different names apart", () => {
    expect(json([is("property", "free", "plan"), is("property", "free", "seat")])).toEqual(
      ["plan", "seat"].map((property) => ({
        in: { dimension: { kind: "DIMENSION_KIND_PROPERTY", property }, values: ["free"] },
      })),
    );
  });
});

describe("a list of filters", () => {
  it("should have one for each value: the latest", () => {
    const filters = withFilter([is("country", "NL"), is("device", "tv")], not("country", "NL"));
    expect(filters).toEqual([is("device", "tv"), not("country", "NL")]);
    expect(withoutFilter(filters, is("country", "NL"))).toEqual([is("device", "tv")]);
  });

  it("should know whether anything but videos is filtered by", () => {
    expect(hasMoreThanVideos([is("video", "a"), not("video", "b")])).toBe(false);
    expect(hasMoreThanVideos([is("video", "a"), not("device", "tv")])).toBe(true);
  });

  it("should know when all views are of one video", () => {
    expect(onlyVideo([is("video", "a"), is("country", "NL")])).toBe("a");
    expect(onlyVideo([is("video", "a"), is("video", "b")])).toBeUndefined();
    expect(onlyVideo([not("video", "a")])).toBeUndefined();
  });
});
