import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { DimensionKind, Metric } from "../../../gen/analytics/v1/query_pb.js";
import { startServer } from "../../support/server.ts";
import { by } from "./support.ts";

const BATCH = 10_000;

/** A server with one view of each of so many videos. */
async function startLibrary(count: number) {
  const { client } = await startServer();
  const { position: minPosition } = await client.analytics.logViews(
    (async function* () {
      for (let first = 0; first < count; first += BATCH) {
        const length = Math.min(BATCH, count - first);
        // The later a video comes, the earlier its name.
        const views = Array.from({ length }, (_, index) => ({
          videoName: `video ${String(count - first - index).padStart(6, "0")}`,
        }));
        yield { views };
      }
    })(),
  );
  const question = {
    metrics: [Metric.VIEWS],
    dimensions: [by(DimensionKind.VIDEO)],
    pageSize: 2,
    minPosition,
  };
  return { client, question };
}

const descending = { key: { case: "dimension", value: 1 }, descending: true } as const;

describe("QueryViews of very many videos", () => {
  it("should order 100,000 of them by their names, and no more", { timeout: 120_000 }, async () => {
    const { client, question } = await startLibrary(100_000);
    const ask = client.analytics.queryViews;
    const names = async (...orderBy: (typeof descending)[]) =>
      (await ask({ ...question, orderBy })).rows.flatMap(({ values }) => values);
    expect(await names()).toEqual(["video 000001", "video 000002"]);
    expect(await names(descending)).toEqual(["video 100000", "video 099999"]);
    const { position: minPosition } = await client.analytics.logView({ videoName: "one more" });
    await expect(ask({ ...question, orderBy: [descending], minPosition })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: expect.stringMatching(/^order_by: More than 100000 videos /),
    });
    // Of more than that, the first to come is the first.
    const first = await ask({ ...question, minPosition });
    expect(first.rows.flatMap(({ values }) => values)).toEqual(["video 100000", "video 099999"]);
  });
});
