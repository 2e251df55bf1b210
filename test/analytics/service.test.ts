import { timestampFromDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";

const at = (time: string): Timestamp => timestampFromDate(new Date(time));

describe("AnalyticsService", () => {
  it("should make a new id for each view that has none, and answer with it", async () => {
    const { client } = await startServer();
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => client.analytics.logView({ videoName: "v" })),
    );
    expect(answers.every(({ duplicate }) => !duplicate)).toBe(true);
    expect(new Set(answers.map(({ viewId }) => viewId)).size).toBe(500);
    for (const { viewId } of answers) {
      expect(viewId).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });

  it("should log a view with all that it says, and tell of its repeat", async () => {
    const { client } = await startServer();
    const request = {
      videoName: "sintel",
      viewId: "v-1",
      viewerId: "ann",
      startTime: at("2026-01-02T03:04:05Z"),
      watchDuration: { seconds: 90n },
      country: "nl",
      device: "tv",
      referrer: "https://example.org/",
    };
    expect(await client.analytics.logView(request)).toMatchObject({
      success: true,
      viewId: "v-1",
      duplicate: false,
      position: 1n,
    });
    const longer = { ...request, watchDuration: { seconds: 100n } };
    expect(await client.analytics.logView(longer)).toMatchObject({ duplicate: true, position: 2n });
    expect(await client.analytics.logView(request)).toMatchObject({
      duplicate: true,
      position: 2n,
    });
    const query = { videoName: "sintel", minPosition: 2n };
    expect(await client.analytics.getViewStats(query)).toMatchObject({
      views: 1n,
      uniqueViewers: 1n,
      watchDuration: { seconds: 100n, nanos: 0 },
      position: 2n,
    });
  });

  it("should refuse the view id of another view as already_exists", async () => {
    const { client } = await startServer();
    await client.analytics.logView({ videoName: "sintel", viewId: "v-1" });
    await expect(
      client.analytics.logView({ videoName: "sintel", viewId: "v-1", viewerId: "ann" }),
    ).rejects.toMatchObject({ code: Code.AlreadyExists });
  });

  it("should count a view in the interval that its time belongs to, to the millisecond", async () => {
    const { client } = await startServer();
    const midnight = at("2026-01-02T00:00:00Z");
    const justBefore = { seconds: midnight.seconds - 1n, nanos: 999_999_999 };
    await client.analytics.logView({ videoName: "early", startTime: justBefore });
    const { position } = await client.analytics.logView({ videoName: "late", startTime: midnight });
    const ask = async (interval: { startTime?: Timestamp; endTime?: Timestamp }) =>
      (await client.analytics.listTopVideos({ interval, minPosition: position })).videos.map(
        ({ videoName }) => videoName,
      );
    expect(await ask({ endTime: midnight })).toEqual(["early"]);
    expect(await ask({ startTime: midnight })).toEqual(["late"]);
    expect(await ask({})).toEqual(["early", "late"]);
    expect(await ask({ startTime: midnight, endTime: midnight })).toEqual([]);
  });

  it("should refuse an interval that ends before it begins", async () => {
    const { client } = await startServer();
    const interval = { startTime: at("2026-01-02T00:00:00Z"), endTime: at("2026-01-01T00:00:00Z") };
    await expect(client.analytics.listTopVideos({ interval })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: "interval.end_time: Must not be before interval.start_time.",
    });
  });

  it("should page through the top videos with the default page size", async () => {
    const { client } = await startServer();
    let position = 0n;
    for (let video = 0; video < 25; video++) {
      ({ position } = await client.analytics.logView({ videoName: `video-${video}` }));
    }
    const sizes: number[] = [];
    const names = new Set<string>();
    let pageToken = "";
    do {
      const page = await client.analytics.listTopVideos({ pageToken, minPosition: position });
      sizes.push(page.videos.length);
      for (const { videoName } of page.videos) names.add(videoName);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(sizes).toEqual([10, 10, 5]);
    expect(names.size).toBe(25);
  });

  it("should carry zero values in JSON, and refuse fields that it does not know", async () => {
    const { url } = await startServer();
    const post = (method: string, body: unknown) =>
      fetch(`${url}/analytics.v1.AnalyticsService/${method}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect(await (await post("GetViewStats", { videoName: "none" })).json()).toEqual({
      views: "0",
      uniqueViewers: "0",
      watchDuration: "0s",
      botViews: "0",
      position: "0",
    });
    const refused = await post("LogView", { videoName: "sintel", viewerid: "ann" });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(/^viewerid: /),
    });
  });

  it("should take fields that it does not know when the setting allows them", async () => {
    const { url } = await startServer({ MARQUEE_ALLOW_UNKNOWN_FIELDS: "true" });
    const answer = await fetch(`${url}/analytics.v1.AnalyticsService/LogView`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ videoName: "sintel", viewerid: "ann" }),
    });
    expect(answer.status).toBe(200);
  });
});
