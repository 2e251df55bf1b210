import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { interval, startAudience } from "./support.ts";

const BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const HOUR = 3_600_000;

describe("GetViewStats", () => {
  it("should tell how far views got, and count bots apart", async () => {
    const { client, log } = await startAudience([], { MARQUEE_BOTS: "apart" });
    const first = { videoName: "v", viewId: "1", viewerId: "ann" };
    await log(
      { ...first, progress: 0.2 },
      { ...first, progress: 0.95 },
      { videoName: "v", viewerId: "ben", progress: 0.949 },
      { videoName: "v" },
      { videoName: "v", userAgent: BOT, progress: 1, watchDuration: { seconds: 9n } },
    );
    const stats = await client.analytics.getViewStats({ videoName: "v", minPosition: 5n });
    expect(stats).toMatchObject({
      views: 3n,
      uniqueViewers: 2n,
      watchDuration: { seconds: 0n },
      botViews: 1n,
      averageProgress: 0.9495,
      completionRate: 0.5,
    });
  });

  it("should have no average of none", async () => {
    const { client } = await startAudience([{ videoName: "v" }]);
    for (const [videoName, views] of [
      ["v", 1n],
      ["nothing", 0n],
    ] as const) {
      const stats = await client.analytics.getViewStats({ videoName, minPosition: 1n });
      expect(stats).toMatchObject({ views, botViews: 0n, position: 1n });
      expect(stats.averageProgress).toBeUndefined();
      expect(stats.completionRate).toBeUndefined();
    }
  });
});

describe("GetAudienceRetention", () => {
  it("should tell how many views got to each hundredth of a video", async () => {
    const { client, log } = await startAudience([]);
    const seek = { videoName: "v", viewId: "1" };
    await log(
      { ...seek, progress: 0.105 },
      { ...seek, progress: 0.5 },
      { videoName: "v", progress: 1 },
      { videoName: "v", progress: 0 },
      { videoName: "v", progress: 0.009 },
      { videoName: "v" },
      { videoName: "other", progress: 1 },
    );
    const { views, points } = await client.analytics.getAudienceRetention({
      videoName: "v",
      minPosition: 7n,
    });
    expect(views).toBe(4n);
    expect(points).toHaveLength(101);
    expect(points.map(({ progress }) => progress)).toEqual(
      Array.from({ length: 101 }, (_, hundredth) => hundredth / 100),
    );
    const expected = points.map(({ progress }) =>
      progress === 0 ? 4n : progress <= 0.5 ? 2n : 1n,
    );
    expect(points.map((point) => point.views)).toEqual(expected);
    expect(points.map(({ share }) => share)).toEqual(expected.map((count) => Number(count) / 4));
  });

  it("should count the views of the interval only", async () => {
    const { client } = await startAudience([
      { videoName: "v", at: "2024-03-01T00:00Z", progress: 1 },
      { videoName: "v", at: "2024-03-02T00:00Z", progress: 0.3 },
    ]);
    const { views, points } = await client.analytics.getAudienceRetention({
      videoName: "v",
      interval: interval("2024-03-02T00:00Z", "2024-03-03T00:00Z"),
      minPosition: 2n,
    });
    expect(views).toBe(1n);
    expect(points.findLast((point) => point.views > 0n)?.progress).toBe(0.3);
  });

  it("should have no points of a video of which nobody told", async () => {
    const { client } = await startAudience([{ videoName: "v" }]);
    for (const videoName of ["v", "nothing"]) {
      const answer = await client.analytics.getAudienceRetention({ videoName, minPosition: 1n });
      expect(answer).toMatchObject({ views: 0n, points: [], position: 1n });
    }
  });
});

describe("ListTrendingVideos", () => {
  it("should list videos by how much their views exceed what was to be expected", async () => {
    const { client } = await startAudience([]);
    const now = Date.now();
    let position = 0n;
    const log = async (videoName: string, count: number, hoursAgo: number): Promise<void> => {
      for (let view = 0; view < count; view++) {
        const startTime = timestampFromMs(now - hoursAgo * HOUR);
        ({ position } = await client.analytics.logView({ videoName, startTime }));
      }
    };
    await log("steady", 3, 1.5);
    await log("steady", 3, 0.5);
    await log("rising", 3, 1.5);
    await log("rising", 7, 0.5);
    await log("new", 2, 0.5);
    await log("late", 2, 0.5);
    await log("old", 9, 2.5);
    await log("old", 1, 0.5);
    await log("falling", 2, 1.5);
    const window = { seconds: 3_600n };
    const ask = (maxResults: number) =>
      client.analytics.listTrendingVideos({ window, maxResults, minPosition: position });
    const { videos, position: covered } = await ask(10);
    expect(covered).toBe(position);
    expect(
      videos.map(({ videoName, views, previousViews, score }) => [
        videoName,
        Number(views),
        Number(previousViews),
        score,
      ]),
    ).toEqual([
      ["rising", 7, 3, 2],
      ["new", 2, 0, 2],
      ["late", 2, 0, 2],
      ["old", 1, 0, 1],
    ]);
    expect((await ask(2)).videos).toHaveLength(2);
    const day = await client.analytics.listTrendingVideos({ minPosition: position });
    expect(day.videos[0]).toMatchObject({ videoName: "rising", views: 10n, previousViews: 0n });
  });

  it("should list what was viewed just now", async () => {
    const { client } = await startAudience([]);
    const { position: minPosition } = await client.analytics.logView({ videoName: "v" });
    const { videos } = await client.analytics.listTrendingVideos({ minPosition });
    expect(videos).toMatchObject([{ videoName: "v", views: 1n, previousViews: 0n, score: 1 }]);
    await expect(client.analytics.listTrendingVideos({ minPosition: 2n })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });
});
