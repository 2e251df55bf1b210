import { Code, createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import { explainError } from "../../src/client/index.ts";
import { protocols, transportFor } from "../wire/support/server.ts";
import { someViews, startIngestRoom, storedViews, type ViewInit } from "./ingest-room.ts";

/** The views in messages of so many. */
async function* messages(views: readonly ViewInit[], size: number) {
  for (let i = 0; i < views.length; i += size) yield { views: views.slice(i, i + size) };
}

describe("LogViews", () => {
  it.each(protocols)("should log the views of all messages over %s", async (protocol) => {
    const { url, log } = await startIngestRoom();
    const client = createClient(AnalyticsService, transportFor(protocol, url));
    const views = [...someViews(2_500), ...someViews(100)];
    const answer = await client.logViews(messages(views, 300));
    expect(answer).toMatchObject({ logged: 2_500n, duplicates: 100n, rejected: [] });
    expect(Number(answer.position)).toBe(log.position);
    expect(await storedViews(log)).toHaveLength(2_500);
  });

  it("should answer a stream without views", async () => {
    const { client } = await startIngestRoom();
    expect(await client.logViews(messages([], 1))).toMatchObject({ logged: 0n, position: 0n });
  });

  it("should keep up with messages of one view each, in batches of its own", async () => {
    const { client, log } = await startIngestRoom();
    expect(await client.logViews(messages(someViews(5_000), 1))).toMatchObject({ logged: 5_000n });
    const views = await storedViews(log);
    expect(views.map(({ viewId }) => viewId)).toEqual(someViews(5_000).map((v) => v.viewId));
  });

  it("should make ids for views that have none", async () => {
    const { client, log } = await startIngestRoom();
    await client.logViews(messages([{ videoName: "a" }, { videoName: "a" }], 2));
    const views = await storedViews(log);
    expect(new Set(views.map(({ viewId }) => viewId)).size).toBe(2);
    for (const { viewId } of views) expect(viewId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it("should name the views that cannot be logged by their places in the stream", async () => {
    const { client, log } = await startIngestRoom();
    await client.logView({ videoName: "taken", viewId: "id" });
    const views: ViewInit[] = someViews(1_000);
    views[3] = { videoName: "" };
    views[500] = { videoName: "other", viewId: "id" };
    views[999] = { videoName: "v", watchDuration: { seconds: -1n } };
    const { logged, rejected } = await client.logViews(messages(views, 7));
    expect(logged).toBe(997n);
    expect(rejected.map(({ index, field, reason }) => [index, field, reason])).toEqual([
      [3, "video_name", "Required: it must not be empty."],
      [500, "view_id", "Names a logged view of another video or viewer."],
      [999, "watch_duration", "From 0 to 7 days."],
    ]);
    expect(await storedViews(log)).toHaveLength(998);
  });

  it("should name a thousand views that cannot be logged, and fail with the first of more", async () => {
    const { client } = await startIngestRoom();
    const bad = Array.from({ length: 1_001 }, () => ({ videoName: "", country: "xyz" }));
    const answer = await client.logViews(messages(bad.slice(1), 100));
    expect(answer.rejected).toHaveLength(1_000);
    const error = await client.logViews(messages(bad, 100)).catch((reason: unknown) => reason);
    const { code, violations } = explainError(error);
    expect(code).toBe(Code.InvalidArgument);
    expect(violations[0]).toMatchObject({
      field: "views[0].video_name",
      description: "Required: it must not be empty.",
    });
  });

  it("should refuse a message of more than 10,000 views", async () => {
    const { client } = await startIngestRoom();
    const views = Array.from({ length: 10_001 }, () => ({ videoName: "v" }));
    const error = await client.logViews(messages(views, 10_001)).catch((reason: unknown) => reason);
    expect(explainError(error)).toMatchObject({
      code: Code.InvalidArgument,
      violations: [{ field: "views", description: "At most 10000 elements, not 10001." }],
    });
    expect(await client.logViews(messages(views, 10_000))).toMatchObject({ logged: 10_001n });
  });

  it("should fail as the log does, and answer nothing that is not on disk", async () => {
    const { client, log } = await startIngestRoom();
    await log.close();
    await expect(client.logViews(messages(someViews(10), 1))).rejects.toMatchObject({
      code: Code.Unavailable,
    });
  });
});
