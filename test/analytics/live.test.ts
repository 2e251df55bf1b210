import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import type { LiveCounts, WatchViewsResponse } from "../../gen/analytics/v1/live_pb.js";
import type { MarqueeClient } from "../../src/client/client.ts";
import type { Protocol } from "../../src/client/transport.ts";
import type { Log, NewView } from "../../src/log/log.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startLiveServer, startLiveServerOf } from "../support/live-server.ts";
import { startServer } from "../support/server.ts";
import { SlowReader } from "../support/slow-reader.ts";
import { view } from "../support/views.ts";

/** The counts that a watcher knows, as views, unique viewers, milliseconds watched, current viewers. */
type Known = Record<string, readonly [number, number, number, number]>;

/** Somebody who watches, and remembers. */
class Reader {
  readonly messages: WatchViewsResponse[] = [];
  readonly ended: Promise<unknown>;
  /** Fulfilled with nothing when the first message has come. */
  readonly hasBegun: Promise<undefined>;
  readonly #begin: (nothing: undefined) => void;
  readonly #stop = new AbortController();

  constructor(client: MarqueeClient, videoNames: string[] = []) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.hasBegun = promise;
    this.#begin = resolve;
    this.ended = this.#read(client, videoNames).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  /** What was told, all together. */
  get known(): Known {
    const known: Known = {};
    for (const { counts } of this.messages) {
      for (const one of counts) known[one.videoName] = numbersOf(one);
    }
    return known;
  }

  /** What was told of a video, one after the other. */
  told(video: string): Known[string][] {
    return this.messages.flatMap(({ counts }) =>
      counts.filter(({ videoName }) => videoName === video).map(numbersOf),
    );
  }

  get snapshots(): number {
    return this.messages.filter(({ snapshot }) => snapshot).length;
  }

  get position(): number {
    return Number(this.messages.at(-1)?.position ?? -1);
  }

  stop(): Promise<unknown> {
    this.#stop.abort();
    return this.ended;
  }

  async #read(client: MarqueeClient, videoNames: string[]): Promise<void> {
    const { signal } = this.#stop;
    for await (const message of client.analytics.watchViews({ videoNames }, { signal })) {
      this.messages.push(message);
      this.#begin(undefined);
    }
  }
}

function numbersOf(counts: LiveCounts): readonly [number, number, number, number] {
  const { views, uniqueViewers, watchDuration, currentViewers } = counts;
  const watchMs = watchDuration === undefined ? -1 : durationMs(watchDuration);
  return [Number(views), Number(uniqueViewers), watchMs, Number(currentViewers)];
}

/** Another process that has the columns of a directory open, so that the server cannot. */
async function holdColumns(directory: string): Promise<ChildProcess> {
  const duckdb = JSON.stringify(import.meta.resolve("@duckdb/node-api"));
  const file = JSON.stringify(join(directory, "columns.duckdb"));
  const script = `
    import { DuckDBInstance } from ${duckdb};
    await DuckDBInstance.create(${file});
    console.log("open");
    setTimeout(() => {}, 120_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

/** A view that begins now. */
const now = (parts: Partial<NewView> = {}): NewView => view({ time: Date.now(), ...parts });

const write = (log: Log, ...views: NewView[]) => log.appendViews(caller(), views);

describe("WatchViews", () => {
  it("should tell the same as GetViewStats, of a server with everything", async () => {
    const { client } = await startServer();
    const logged = (videoName: string, viewerId: string, seconds: bigint, viewId = "") =>
      client.analytics.logView({ videoName, viewerId, viewId, watchDuration: { seconds } });
    await logged("sintel", "ann", 3n);
    await logged("emma", "ann", 4n, "one");
    const reader = new Reader(client, ["sintel", "emma"]);
    await expect.poll(() => reader.messages).toHaveLength(1);
    await logged("emma", "ann", 9n, "one");
    await logged("emma", "ben", 9n);
    await client.analytics.eraseViewer({ viewerId: "ann" });
    const { position } = await logged("sintel", "cay", 1n);
    await expect.poll(() => reader.position).toBe(Number(position));
    for (const [videoName, [views, uniqueViewers, watchMs]] of Object.entries(reader.known)) {
      const stats = await client.analytics.getViewStats({ videoName, minPosition: position });
      expect({
        ...stats,
        views: Number(stats.views),
        uniqueViewers: Number(stats.uniqueViewers),
      }).toMatchObject({ views, uniqueViewers, watchDuration: durationFromMs(watchMs) });
    }
    expect(reader.known).toEqual({ sintel: [1, 1, 1_000, 1], emma: [1, 1, 9_000, 1] });
  });

  it.each<Protocol>(["grpc", "grpc-web", "connect"])(
    "should tell what is there, and then what changes, over %s",
    async (protocol) => {
      const { log, connect } = await startLiveServer();
      await write(
        log,
        now({ video: "sintel", viewer: "ann", watchMs: 1_000 }),
        now({ video: "sintel", viewer: "ann", watchMs: 500 }),
        now({ video: "sintel" }),
        now({ video: "sintel", viewer: "robot", watchMs: 70_000, bot: true }),
        now({ video: "emma", viewer: "ben" }),
      );
      const reader = new Reader(connect({ protocol }), ["emma", "sintel"]);
      await expect.poll(() => reader.messages).toHaveLength(1);
      expect(reader.messages[0]).toMatchObject({ snapshot: true, position: 5n });
      expect(reader.messages[0]?.counts.map(({ videoName }) => videoName)).toEqual([
        "emma",
        "sintel",
      ]);
      expect(reader.known).toEqual({ emma: [1, 1, 0, 1], sintel: [3, 1, 1_500, 1] });
      await write(log, now({ video: "sintel", viewer: "ben", watchMs: 250 }));
      await expect.poll(() => reader.messages).toHaveLength(2);
      expect(reader.messages[1]).toMatchObject({ snapshot: false, position: 6n });
      expect(reader.messages[1]?.counts).toHaveLength(1);
      expect(reader.known["sintel"]).toEqual([4, 2, 1_750, 2]);
      await reader.stop();
    },
  );

  it("should count all videos together for who names none", async () => {
    const { log, client } = await startLiveServer();
    await write(
      log,
      now({ video: "sintel", viewer: "ann" }),
      now({ video: "emma", viewer: "ann" }),
    );
    const reader = new Reader(client);
    await expect.poll(() => reader.known).toEqual({ "": [2, 1, 0, 1] });
    await write(log, now({ video: "new", viewer: "ben", watchMs: 5 }));
    await expect.poll(() => reader.known).toEqual({ "": [3, 2, 5, 2] });
  });

  it("should tell what an extension adds, of the video that it belongs to", async () => {
    const { log, client } = await startLiveServer();
    const long = now({ video: "sintel", viewer: "ann", watchMs: 1_000 });
    await write(log, long);
    const reader = new Reader(client, ["sintel"]);
    await expect.poll(() => reader.known).toEqual({ sintel: [1, 1, 1_000, 1] });
    await write(log, { ...long, watchMs: 900 }, { ...long, watchMs: 4_000 });
    await expect.poll(() => reader.known).toEqual({ sintel: [1, 1, 4_000, 1] });
  });

  it("should have zeros of a video that is not known, and count from its first view on", async () => {
    const { log, client } = await startLiveServer();
    await write(log, now({ video: "old", viewer: "ann" }));
    const reader = new Reader(client, ["new", "newer", "old"]);
    const zeros = [0, 0, 0, 0];
    await expect.poll(() => reader.known).toEqual({ new: zeros, newer: zeros, old: [1, 1, 0, 1] });
    await write(log, now({ video: "newer", bot: true }), now({ video: "other" }));
    await write(log, now({ video: "new", viewer: "ann" }), now({ video: "new", viewer: "ben" }));
    await write(log, now({ video: "newer", viewer: "ben" }));
    await expect
      .poll(() => reader.known)
      .toEqual({ new: [2, 2, 0, 2], newer: [1, 1, 0, 1], old: [1, 1, 0, 1] });
    const late = new Reader(client, ["newer", "new"]);
    await expect.poll(() => late.known).toEqual({ new: [2, 2, 0, 2], newer: [1, 1, 0, 1] });
  });

  it("should take a viewer for a current one for as long as it says", async () => {
    const { log, client } = await startLiveServer({ currentMs: 3_000 });
    const reader = new Reader(client, ["sintel"]);
    await expect.poll(() => reader.told("sintel")).toEqual([[0, 0, 0, 0]]);
    // Who began long ago is not there any more, even if that is told only now.
    await write(log, now({ video: "sintel", viewer: "bob", time: Date.now() - 3_600_000 }));
    await expect.poll(() => reader.told("sintel").slice(1)).toEqual([[1, 1, 0, 0]]);
    const one = now({ video: "sintel", viewer: "ann" });
    await write(log, one);
    // Nothing else comes: the time alone changes it.
    await expect
      .poll(() => reader.told("sintel").slice(2))
      .toEqual([
        [2, 2, 0, 1],
        [2, 2, 0, 0],
      ]);
    await write(log, { ...one, watchMs: 10 });
    await expect
      .poll(() => reader.told("sintel").slice(4))
      .toEqual([
        [2, 2, 10, 1],
        [2, 2, 10, 0],
      ]);
    const late = new Reader(client, ["sintel"]);
    await expect.poll(() => late.known).toEqual({ sintel: [2, 2, 10, 0] });
  });

  it("should tell changes together that come one after the other", async () => {
    const { log, client } = await startLiveServer();
    const reader = new Reader(client);
    await expect.poll(() => reader.messages).toHaveLength(1);
    const startedAt = performance.now();
    for (let n = 0; n < 200; n++) await write(log, now({ viewer: `v${n}` }));
    await expect.poll(() => reader.known).toEqual({ "": [200, 200, 0, 200] });
    const most = (performance.now() - startedAt) / 250 + 2;
    expect(reader.messages.length).toBeLessThanOrEqual(most + 1);
    const views = reader.messages.map(({ counts }) => Number(counts[0]?.views));
    expect(views).toEqual(views.toSorted((a, b) => a - b));
    expect(new Set(views).size).toBe(views.length);
  });

  it("should say that it lives while there is nothing to tell", async () => {
    const { log, client } = await startLiveServer({ heartbeatMs: 30 });
    const reader = new Reader(client, ["sintel"]);
    await expect.poll(() => reader.messages.length).toBeGreaterThan(3);
    await write(log, now({ video: "other" }));
    await expect.poll(() => reader.position).toBe(1);
    for (const { snapshot, counts } of reader.messages.slice(1)) {
      expect({ snapshot, counts }).toEqual({ snapshot: false, counts: [] });
    }
  });

  it("should give the newest counts to who reads slowly, and no backlog", async () => {
    const { log, client, url } = await startLiveServer();
    const videoNames = Array.from({ length: 1_000 }, (_, n) => `${n}`.padStart(256, "video"));
    const { input, output } = AnalyticsService.method.watchViews;
    const path = "/analytics.v1.AnalyticsService/WatchViews";
    const request = create(input, { videoNames });
    const slow = await SlowReader.open(url, { path, input, output }, request);
    const eager = new Reader(client, videoNames);
    await expect.poll(() => eager.messages).toHaveLength(1);
    // For as long as it takes until somebody who reads has had many messages.
    let round = 0;
    for (; eager.messages.length < 12; round++) {
      await write(log, ...videoNames.map((video) => now({ video, viewer: "ann" })));
    }
    const known = new Map<string, bigint>();
    let messages = 0;
    while (known.size < videoNames.length || [...known.values()].some((views) => views < round)) {
      const message = await slow.next();
      messages++;
      for (const { videoName, views } of message?.counts ?? []) known.set(videoName, views);
    }
    // What was on its way when it stopped reading, and the newest.
    expect(messages).toBeLessThan(6);
  });

  it("should share counters, and keep none that nobody watches", async () => {
    const { log, live, client, connect } = await startLiveServer();
    await write(log, now({ video: "sintel", viewer: "ann" }));
    expect(live.size).toBe(0);
    const readers = Array.from(
      { length: 50 },
      (_, n) =>
        new Reader(
          n % 2 === 0 ? client : connect(),
          n % 5 === 0 ? [] : ["sintel", `video-${n % 5}`],
        ),
    );
    for (const reader of readers) await expect.poll(() => reader.messages.length).toBe(1);
    expect(live.size).toBe(6);
    await write(log, now({ video: "sintel", viewer: "ben" }));
    for (const [n, reader] of readers.entries()) {
      await expect.poll(() => reader.known[n % 5 === 0 ? "" : "sintel"]).toEqual([2, 2, 0, 2]);
    }
    for (const reader of readers.slice(1)) await reader.stop();
    await expect.poll(() => live.size).toBe(1);
    await readers[0]?.stop();
    await expect.poll(() => live.size).toBe(0);
    // And what was left behind is not in the way of who comes next.
    const next = new Reader(client, ["sintel"]);
    await expect.poll(() => next.known).toEqual({ sintel: [2, 2, 0, 2] });
  });

  it("should make counts anew when a viewer is erased, and when views are trimmed", async () => {
    const { log, client } = await startLiveServer();
    const old = now({ video: "sintel", viewer: "ben", time: Date.now() - 86_400_000, watchMs: 7 });
    await write(log, old, now({ video: "sintel", viewer: "ann" }), now({ video: "emma" }));
    const readers = [new Reader(client), new Reader(client, ["sintel", "emma"])];
    for (const reader of readers) await expect.poll(() => reader.messages).toHaveLength(1);
    await write(
      log,
      now({ video: "sintel", viewer: "ann" }),
      now({ video: "emma", viewer: "cay" }),
    );
    await log.eraseViewer(caller(), "ann");
    await expect.poll(() => readers[0]?.known).toEqual({ "": [3, 2, 7, 1] });
    await expect
      .poll(() => readers[1]?.known)
      .toEqual({ sintel: [1, 1, 7, 0], emma: [2, 1, 0, 1] });
    for (const reader of readers) expect(reader.snapshots).toBe(2);
    await write(log, now({ video: "sintel", viewer: "ann", watchMs: 1 }));
    await expect.poll(() => readers[0]?.known).toEqual({ "": [4, 3, 8, 2] });
    await log.trimViews(caller(), Date.now() - 3_600_000);
    await expect.poll(() => readers[0]?.known).toEqual({ "": [3, 2, 1, 2] });
    await expect
      .poll(() => readers[1]?.known)
      .toEqual({ sintel: [1, 1, 1, 1], emma: [2, 1, 0, 1] });
    for (const reader of readers) expect(reader.snapshots).toBe(3);
  });

  it("should let go of counters when clients go before they had an answer", async () => {
    const { log, live, client } = await startLiveServer();
    await write(log, now());
    const readers = Array.from({ length: 20 }, (_, n) => new Reader(client, [`video-${n}`]));
    for (const [n, reader] of readers.entries()) {
      if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      await reader.stop();
    }
    await expect.poll(() => live.size).toBe(0);
  });

  it("should fail as unavailable, rather than lie, while the columns cannot be used", async () => {
    const directory = await temporaryDirectory();
    const other = await holdColumns(directory);
    const { log, live, client } = await startLiveServerOf(directory, { maxWaitMs: 500 });
    await write(log, now({ video: "sintel", viewer: "ann" }));
    const readers = [new Reader(client, ["sintel", "new"]), new Reader(client)];
    for (const reader of readers) {
      expect(await reader.ended).toMatchObject({
        code: Code.Unavailable,
        rawMessage: "the counts cannot be read now",
      });
      expect(reader.messages).toEqual([]);
    }
    expect(live.size).toBe(0);
    other.kill("SIGKILL");
    // Once they can be used again, there are counts.
    let reader = new Reader(client, ["sintel"]);
    while ((await Promise.race([reader.ended, reader.hasBegun])) !== undefined) {
      reader = new Reader(client, ["sintel"]);
    }
    expect(reader.known).toEqual({ sintel: [1, 1, 0, 1] });
  });

  it("should end as unavailable when the server stops", async () => {
    const { client, connect, server, live } = await startLiveServer();
    const readers = [new Reader(client), new Reader(connect({ protocol: "connect" }), ["sintel"])];
    for (const reader of readers) await expect.poll(() => reader.messages).toHaveLength(1);
    expect(await server.drain(10_000)).toEqual({ cut: 0 });
    for (const reader of readers) {
      expect(await reader.ended).toMatchObject({ code: Code.Unavailable });
    }
    expect(live.size).toBe(0);
  });

  it.each([
    [["a", "b", "a"], 'video_names[2]: "a" stands twice.'],
    [["a", ""], "video_names[1]: Required: it must not be empty."],
    [["x".repeat(257)], "video_names[0]: At most 256 characters, not 257."],
    [
      Array.from({ length: 1_001 }, (_, n) => `${n}`),
      "video_names: At most 1000 elements, not 1001.",
    ],
  ])("should refuse what it cannot watch, case %#", async (videoNames, message) => {
    const { client, live } = await startLiveServer();
    const reader = new Reader(client, videoNames);
    expect(await reader.ended).toMatchObject({ code: Code.InvalidArgument, rawMessage: message });
    expect(live.size).toBe(0);
  });
});
