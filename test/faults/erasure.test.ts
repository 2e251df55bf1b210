import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toBinary, toJsonString, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { TailLogResponseSchema } from "../../gen/admin/v1/admin_service_pb.js";
import { WatchViewsResponseSchema } from "../../gen/analytics/v1/live_pb.js";
import { ExportViewsResponseSchema } from "../../gen/analytics/v1/export_pb.js";
import {
  DimensionKind,
  Metric,
  QueryViewsResponseSchema,
} from "../../gen/analytics/v1/query_pb.js";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { filesWith } from "../support/files.ts";
import { spawnServer } from "../support/process.ts";

/** What only the viewer watched: whether they left a trace shows in it. */
const SECRET = "what only they watched";

/** The messages of a stream until one is the last, as texts. */
async function texts<D extends DescMessage>(
  schema: D,
  stream: AsyncIterable<MessageShape<D>>,
  isLast: (message: MessageShape<D>) => boolean,
): Promise<string> {
  let all = "";
  for await (const message of stream) {
    all += toJsonString(schema, message);
    // What has no name in the contract would not be in the JSON.
    all += Buffer.from(toBinary(schema, message)).toString("latin1");
    if (isLast(message)) break;
  }
  return all;
}

/** All that a server tells about everybody, and about the viewer. */
async function answersOf(client: MarqueeClient, viewerId: string): Promise<string> {
  const { analytics, admin } = client;
  const by = (kind: DimensionKind): Promise<string> =>
    analytics
      .queryViews({
        metrics: [Metric.VIEWS, Metric.UNIQUE_VIEWERS, Metric.WATCH_DURATION],
        dimensions: [{ kind, property: kind === DimensionKind.PROPERTY ? "mark" : "" }],
      })
      .then((answer) => toJsonString(QueryViewsResponseSchema, answer));
  const parts = await Promise.all([
    by(DimensionKind.REFERRER),
    by(DimensionKind.PROPERTY),
    texts(ExportViewsResponseSchema, analytics.exportViews({}), () => false),
    texts(ExportViewsResponseSchema, analytics.exportViews({ viewerId }), () => false),
    texts(
      TailLogResponseSchema,
      admin.tailLog({}),
      ({ entries, headPosition }) => (entries.at(-1)?.position ?? headPosition) >= headPosition,
    ),
    texts(WatchViewsResponseSchema, analytics.watchViews({ videoNames: [SECRET] }), () => true),
  ]);
  return parts.join("\n");
}

/** How often the server counts what only the viewer watched. */
async function countOf({ analytics }: MarqueeClient): Promise<bigint[]> {
  const { views, uniqueViewers } = await analytics.getViewStats({ videoName: SECRET });
  const counts = [views, uniqueViewers];
  for await (const message of analytics.watchViews({ videoNames: [SECRET] })) {
    for (const count of message.counts) counts.push(count.views, count.uniqueViewers);
    break;
  }
  return counts;
}

test(
  "should leave no trace of an erased viewer, in no answer and no file, while others are counted",
  { timeout: 300_000 },
  async () => {
    const data = await temporaryDirectory();
    let server = await spawnServer({ MARQUEE_DATA_DIR: data });
    let client = createMarqueeClient({ url: server.url });
    const viewerId = `${randomUUID()}-${randomUUID()}-${randomUUID()}`;
    const referrer = `https://example.org/${viewerId}`;
    let logged = 0;
    const over = new AbortController();
    const logging = Array.from({ length: 4 }, async (_, writer) => {
      using other = createMarqueeClient({ url: server.url });
      while (!over.signal.aborted) {
        await other.analytics.logView({ videoName: "film", viewerId: `viewer ${writer}` });
        logged++;
      }
    });
    await expect.poll(() => logged).toBeGreaterThan(200);
    for (let view = 0; view < 20; view++) {
      const viewId = `view ${view}`;
      const properties = { mark: viewerId };
      const watchDuration = { seconds: 1n };
      const parts = { videoName: SECRET, viewerId, viewId, referrer, properties };
      await client.analytics.logView({ ...parts, watchDuration });
      await client.analytics.logView({ ...parts, watchDuration: { seconds: 9n } });
    }
    await client.recommendations.recordFeedback({
      feedback: [{ userId: viewerId, itemId: "film", kind: FeedbackKind.LIKE }],
    });
    for await (const _ of client.recommendations.trainModel({}));
    await expect.poll(() => countOf(client)).toEqual([20n, 1n, 20n, 1n]);
    expect(await answersOf(client, viewerId)).toContain(viewerId);
    expect(await filesWith(data, viewerId)).not.toEqual([]);
    const recommended = async (userId: string): Promise<string[]> =>
      (await client.recommendations.recommend({ userId })).recommendations.map(({ id }) => id);
    expect(await recommended(viewerId)).not.toContain("film");

    const before = logged;
    const erased = await client.analytics.eraseViewer({ viewerId });
    expect(erased).toMatchObject({ viewsErased: 20n, feedbackErased: 1n });
    expect(await countOf(client)).toEqual([0n, 0n, 0n, 0n]);
    expect(await answersOf(client, viewerId)).not.toContain(viewerId);
    expect(await recommended(viewerId)).toContain("film");
    await expect.poll(() => logged).toBeGreaterThan(before + 200);
    await expect.poll(() => filesWith(data, viewerId), { timeout: 60_000 }).toEqual([]);
    over.abort();
    await Promise.all(logging);

    for (const isRebuilt of [false, true]) {
      client.close();
      await server.stop("SIGTERM");
      expect(await filesWith(data, viewerId)).toEqual([]);
      if (isRebuilt) await rm(join(data, "columns.duckdb"), { recursive: true });
      server = await spawnServer({ MARQUEE_DATA_DIR: data });
      client = createMarqueeClient({ url: server.url });
      expect(await countOf(client)).toEqual([0n, 0n, 0n, 0n]);
      expect(await answersOf(client, viewerId)).not.toContain(viewerId);
      expect(await recommended(viewerId)).toContain("film");
      expect(await filesWith(data, viewerId)).toEqual([]);
      const film = await client.analytics.getViewStats({ videoName: "film" });
      expect(film.views).toBe(BigInt(logged));
    }
    client.close();
  },
);
