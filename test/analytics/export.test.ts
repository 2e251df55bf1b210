import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import type { ExportedView, ExportViewsResponse } from "../../gen/analytics/v1/export_pb.js";
import { Exporter } from "../../src/analytics/export.ts";
import type { MarqueeClient } from "../../src/client/index.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startServer } from "../support/server.ts";
import { SOME_TIME, view } from "../support/views.ts";

type Request = Parameters<MarqueeClient["analytics"]["exportViews"]>[0];

async function messagesOf(
  { analytics }: MarqueeClient,
  request: Request = {},
): Promise<ExportViewsResponse[]> {
  const messages: ExportViewsResponse[] = [];
  for await (const message of analytics.exportViews(request)) messages.push(message);
  return messages;
}

async function viewsOf(client: MarqueeClient, request: Request = {}): Promise<ExportedView[]> {
  return (await messagesOf(client, request)).flatMap(({ views }) => views);
}

test("should export a view with all that is known of it, once, as its last heartbeat left it", async () => {
  const { client } = await startServer();
  const sent = {
    videoName: "film",
    viewId: "v1",
    viewerId: "ann",
    startTime: timestampFromMs(SOME_TIME),
    watchDuration: durationFromMs(1_500),
    country: "nl",
    device: "tv",
    referrer: "https://example.org/",
    progress: 0.25,
    properties: { plan: "free", shelf: 'a, "b"' },
  };
  const { position } = await client.analytics.logView(sent);
  await client.analytics.logView({ videoName: "clip", viewId: "v2" });
  const heartbeat = { ...sent, watchDuration: durationFromMs(4_000), progress: 0.5 };
  await client.analytics.logView(heartbeat);
  const [first, second, ...rest] = await viewsOf(client);
  expect(rest).toEqual([]);
  expect(first).toMatchObject({
    ...sent,
    startTime: { seconds: BigInt(SOME_TIME / 1_000) },
    watchDuration: { seconds: 4n },
    country: "NL",
    progress: 0.5,
    bot: false,
    position,
  });
  expect(second).toMatchObject({ videoName: "clip", viewId: "v2", viewerId: "", country: "" });
  expect(second?.progress).toBeUndefined();
  expect(second?.properties).toEqual({});
});

test("should export the views of an interval, and of a viewer", async () => {
  const { client } = await startServer();
  for (const [index, viewerId] of ["ann", "ben", "ann"].entries()) {
    const startTime = timestampFromMs(SOME_TIME + index);
    await client.analytics.logView({ videoName: `video ${index}`, viewerId, startTime });
  }
  const names = async (request: Request): Promise<string[]> =>
    (await viewsOf(client, request)).map(({ videoName }) => videoName);
  const interval = {
    startTime: timestampFromMs(SOME_TIME + 1),
    endTime: timestampFromMs(SOME_TIME + 2),
  };
  expect(await names({ interval })).toEqual(["video 1"]);
  expect(await names({ viewerId: "ann" })).toEqual(["video 0", "video 2"]);
  expect(await names({ viewerId: "ann", interval })).toEqual([]);
  expect(await names({ viewerId: "nobody knows" })).toEqual([]);
  const inverted = { startTime: interval.endTime, endTime: interval.startTime };
  await expect(viewsOf(client, { interval: inverted })).rejects.toMatchObject({
    code: Code.InvalidArgument,
  });
});

test("should say how far it is, in messages of at most 1,000 views, and end with the end", async () => {
  const { client } = await startServer();
  expect(await messagesOf(client)).toMatchObject([{ views: [], position: 0n, endPosition: 0n }]);
  let end = 0n;
  for (let batch = 0; batch < 5; batch++) {
    const logged = await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        client.analytics.logView({ videoName: "film", viewId: `${batch}/${index}` }),
      ),
    );
    end = logged.reduce((most, { position }) => (position > most ? position : most), end);
  }
  const messages = await messagesOf(client);
  expect(messages.every(({ views }) => views.length <= 1_000)).toBe(true);
  expect(messages.every(({ endPosition }) => endPosition === end)).toBe(true);
  expect(messages.at(-1)?.position).toBe(end);
  const views = messages.flatMap((message) => message.views);
  expect(new Set(views.map(({ viewId }) => viewId)).size).toBe(2_500);
  const positions = views.map(({ position }) => Number(position));
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
});

test("should send no message that is too large for the clients of others", async () => {
  const log = await openLog();
  const large = { referrer: "ü".repeat(2_048), properties: `{"x":"${"y".repeat(5_000)}"}` };
  await log.appendViews(
    caller(),
    Array.from({ length: 2_500 }, () => view(large)),
  );
  const positions: number[] = [];
  let before = 0;
  for await (const page of new Exporter(log).views(caller(), everything)) {
    expect(page.views.length).toBeLessThan(200);
    for (const { position } of page.views) {
      expect(position).toBeGreaterThan(before);
      expect(position).toBeLessThanOrEqual(page.position);
      positions.push(position);
    }
    before = page.position;
  }
  expect(positions).toHaveLength(2_500);
  expect(before).toBe(log.position);
});

async function openLog(): Promise<SqliteLog> {
  const log = await SqliteLog.open({ directory: await temporaryDirectory() });
  onTestFinished(() => log.close());
  return log;
}

const everything = { span: { from: undefined, to: undefined }, viewer: "" };

test("should not export what is logged after it has begun", async () => {
  const log = await openLog();
  const log1000 = (): Promise<unknown> =>
    log.appendViews(
      caller(),
      Array.from({ length: 1_000 }, () => view()),
    );
  await log1000();
  await log1000();
  const pages = new Exporter(log).views(caller(), everything);
  let count = (await pages.next()).value?.views.length ?? 0;
  await log1000();
  for await (const { views, endPosition } of pages) {
    count += views.length;
    expect(endPosition).toBe(2_000);
  }
  expect(count).toBe(2_000);
});

test("should end with unavailable when the server stops, however slowly it is read", async () => {
  const log = await openLog();
  await log.appendViews(
    caller(),
    Array.from({ length: 2_000 }, () => view()),
  );
  const exporter = new Exporter(log);
  const pages = exporter.views(caller(), everything);
  await pages.next();
  exporter.end();
  await expect(pages.next()).rejects.toMatchObject({ code: "unavailable" });
  await expect(exporter.views(caller(), everything).next()).rejects.toMatchObject({
    code: "unavailable",
  });
});

test("should not let a server wait that stops for somebody who does not read", async () => {
  const { client, app } = await startServer({ MARQUEE_DRAIN_MS: "60000" });
  // More than fits into the buffers between the two.
  const referrer = "x".repeat(2_000);
  for (let batch = 0; batch < 3; batch++) {
    await Promise.all(
      Array.from({ length: 1_000 }, () =>
        client.analytics.logView({ videoName: "film", referrer }),
      ),
    );
  }
  const reading = client.analytics.exportViews({})[Symbol.asyncIterator]();
  await reading.next();
  const closing = app.close();
  const failure = (async () => {
    for (;;) if ((await reading.next()).done === true) return undefined;
  })().catch((error: unknown) => ConnectError.from(error).code);
  expect(await failure).toBe(Code.Unavailable);
  await closing;
});
