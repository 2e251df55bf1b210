import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { AnalyticsService } from "../../gen/tutorial/analytics_pb.js";
import { Greeter } from "../../gen/tutorial/greeter_pb.js";
import { BookCategory, Recommendations } from "../../gen/tutorial/recommendations_pb.js";
import { startServer } from "../support/server.ts";

async function start() {
  const server = await startServer();
  const { transport } = server.client;
  return {
    ...server,
    greeter: createClient(Greeter, transport),
    analytics: createClient(AnalyticsService, transport),
    recommendations: createClient(Recommendations, transport),
  };
}

const items = [
  { id: "1", title: "One", categories: ["fiction"] },
  { id: "2", title: "Two", categories: ["fiction", "romance"] },
  { id: "three", title: "Three", categories: ["fiction"] },
  { id: "04", title: "Four", categories: ["fiction"] },
  { id: "2147483647", title: "Most", categories: ["fiction"] },
  { id: "2147483648", title: "Too much", categories: ["fiction"] },
];

describe("the tutorial contracts", () => {
  it("should greet", async () => {
    const { greeter } = await start();
    expect(await greeter.greet({ name: "Ann" })).toMatchObject({ greeting: "Hello Ann" });
  });

  it("should count a view where everybody counts it", async () => {
    const { analytics, client } = await start();
    expect(await analytics.logView({ videoName: "sintel" })).toMatchObject({ success: true });
    expect(
      await client.analytics.getViewStats({ videoName: "sintel", minPosition: 1n }),
    ).toMatchObject({ views: 1n, uniqueViewers: 0n });
  });

  it("should pass on what is wrong with a request, with its details", async () => {
    const { analytics, recommendations } = await start();
    for (const [call, field] of [
      [() => analytics.logView({}), "video_name"],
      [() => recommendations.recommend({ maxResults: 1001 }), "max_results"],
    ] as const) {
      const error = ConnectError.from(await call().catch((reason: unknown) => reason));
      expect(error.code).toBe(Code.InvalidArgument);
      const [badRequest] = error.findDetails(BadRequestSchema);
      expect(badRequest?.fieldViolations).toMatchObject([{ field }]);
    }
  });

  it("should recommend books of a category whose ids are 32-bit numbers", async () => {
    const { recommendations, client } = await start();
    await client.catalog.upsertItems({ items });
    const recommend = async (category: BookCategory, maxResults = 0): Promise<number[]> =>
      (await recommendations.recommend({ userId: 7, category, maxResults })).recommendations.map(
        ({ id }) => id,
      );
    expect((await recommend(BookCategory.FICTION)).toSorted((a, b) => a - b)).toEqual([
      1, 2, 2147483647,
    ]);
    // Those that are left out do not take the places of others.
    expect(await recommend(BookCategory.FICTION, 3)).toHaveLength(3);
    expect(await recommend(BookCategory.ROMANCE)).toEqual([2]);
    // No book is about that.
    expect(await recommend(BookCategory.SELF_HELP)).toEqual([]);
  });

  it("should recommend to the user of that number", async () => {
    const { recommendations, client } = await start();
    await client.catalog.upsertItems({ items });
    await client.analytics.logView({ videoName: "2", viewerId: "7" });
    const ask = { userId: 7, category: BookCategory.ROMANCE };
    expect((await recommendations.recommend(ask)).recommendations).toEqual([]);
    expect((await recommendations.recommend({ ...ask, userId: 8 })).recommendations).toMatchObject([
      { id: 2, title: "Two" },
    ]);
  });

  it("should find no category outside the enum", async () => {
    const { recommendations } = await start();
    const error = ConnectError.from(
      await recommendations
        .recommend({ userId: 7, category: 3 as BookCategory })
        .catch((reason: unknown) => reason),
    );
    expect(error.code).toBe(Code.NotFound);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "CATEGORY_NOT_FOUND" }]);
  });
});
