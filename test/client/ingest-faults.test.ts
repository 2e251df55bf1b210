import { describe, expect, it, onTestFinished } from "vitest";
import { createMarqueeClient, type MarqueeClient, type Protocol } from "../../src/client/index.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { startIngestRoom, storedViews } from "../analytics/ingest-room.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer, type ServerProcess } from "../support/process.ts";
import { seeded, startCuttingProxy } from "./cutting-proxy.ts";

const VIEWS = 50_000;
const VIDEOS = 25;
const quick = { initialMs: 1, maxMs: 20 };

function connect(url: string, protocol: Protocol = "grpc"): MarqueeClient {
  const client = createMarqueeClient({ url, protocol });
  onTestFinished(() => client.close());
  return client;
}

/** The ids of all views, in some order. */
const ids = Array.from({ length: VIEWS }, (_, i) => `view-${i}`).toSorted();

async function storedIds(log: SqliteLog): Promise<string[]> {
  return (await storedViews(log)).map(({ viewId }) => viewId).toSorted();
}

describe("ingest", { timeout: 180_000 }, () => {
  it.each([
    ["grpc", 1],
    ["grpc", 2],
    ["connect", 3],
    ["grpc-web", 4],
  ] as const)(
    "should count each view once over %s while connections break, seed %i",
    async (protocol, seed) => {
      const server = await startIngestRoom();
      const proxy = await startCuttingProxy(() => server.port, {
        seed,
        meanBytes: 200_000,
      });
      const ingest = connect(proxy.url, protocol).ingest({ batchViews: 500, retry: quick });
      for (let i = 0; i < VIEWS; i++) {
        await ingest.log({
          videoName: `video-${i % VIDEOS}`,
          viewId: `view-${i}`,
          viewerId: `viewer-${i % 1_000}`,
          referrer: "https://example.org/some/page",
        });
      }
      await ingest.close();
      expect(ingest).toMatchObject({ acknowledged: VIEWS, rejected: 0, buffered: 0 });
      expect(await storedIds(server.log)).toEqual(ids);
      expect(proxy.cuts).toBeGreaterThan(5);
    },
  );

  it("should count each view once while the server is killed, or stopped, again and again", async () => {
    const settings = { MARQUEE_DATA_DIR: await temporaryDirectory() };
    let server: ServerProcess = await spawnServer(settings, [], "listening");
    const port = new URL(server.url).port;
    const client = connect(server.url);
    const random = seeded(7);
    const ingest = client.ingest({ batchViews: 500, retry: quick });
    let stops = 0;
    let next = VIEWS / 5;
    for (let i = 0; i < VIEWS; i++) {
      await ingest.log({ videoName: `video-${i % VIDEOS}`, viewId: `view-${i}` });
      if (i < next) continue;
      next = i + VIEWS / 5 + random() * 1_000;
      // Somewhere between two answers.
      await server.stop(stops++ % 2 === 0 ? "SIGKILL" : "SIGTERM");
      server = await spawnServer({ ...settings, MARQUEE_PORT: port }, [], "listening");
    }
    await ingest.close();
    expect(ingest).toMatchObject({ acknowledged: VIEWS, rejected: 0, buffered: 0 });
    await server.stop("SIGTERM");
    const log = await SqliteLog.open({ directory: settings.MARQUEE_DATA_DIR });
    onTestFinished(() => log.close());
    expect(await storedIds(log)).toEqual(ids);
    expect(stops).toBeGreaterThan(2);
  });
});
