import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import { WatchViewsResponseSchema } from "../../../gen/analytics/v1/live_pb.js";
import {
  connectionAfter,
  followCounts,
  pauseAfter,
  type Connection,
  type Live,
} from "../../../src/web/dashboard/logic/live-feed.ts";
import { startServer } from "../../support/server.ts";

const pauses = { firstMs: 1, longestMs: 4 };

/** Ends when the test does. */
function untilFinished(): AbortSignal {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  return end.signal;
}

describe("following counts", () => {
  it("should have the views of a server as they are logged", async () => {
    const { client } = await startServer();
    const seen: Live[] = [];
    const connections: boolean[] = [];
    void followCounts({
      open: (signal) => client.analytics.watchViews({}, { signal }),
      onCounts: (live) => seen.push(live),
      onConnection: (isConnected) => connections.push(isConnected),
      signal: untilFinished(),
    });
    await expect.poll(() => seen.at(-1)?.views).toBe(0);
    await client.analytics.logView({ videoName: "sintel", viewerId: "ann" });
    await expect.poll(() => seen.at(-1)).toEqual({ views: 1, currentViewers: 1, position: 1n });
    expect(connections).not.toContain(false);
  });

  it("should tell how often they came back, but for the first time", () => {
    const before: Connection = { isConnected: undefined, returns: 0 };
    const returns = (told: readonly boolean[]): number =>
      told.reduce<Connection>(connectionAfter, before).returns;
    expect(returns([true, true])).toBe(0);
    expect(returns([false, false, true, true, false, true])).toBe(2);
    expect(connectionAfter(before, true)).toEqual({ isConnected: true, returns: 0 });
  });

  it("should begin again when a stream ends, fails, or falls silent", async () => {
    const connections: boolean[] = [];
    let opened = 0;
    const message = create(WatchViewsResponseSchema, { counts: [{ views: 5n }] });
    void followCounts({
      async *open(signal) {
        opened++;
        if (opened === 2) throw new Error("refused");
        yield message;
        if (opened === 3) await sleep(60_000, undefined, { signal });
      },
      onCounts: () => {},
      onConnection: (isConnected) => connections.push(isConnected),
      signal: untilFinished(),
      pauses,
      silenceMs: 20,
    });
    await expect.poll(() => opened).toBeGreaterThan(4);
    expect(connections.slice(0, 5)).toEqual([true, false, false, true, false]);
  });

  it("should say nothing more once it is told to end", async () => {
    const end = new AbortController();
    const connections: boolean[] = [];
    const followed = followCounts({
      async *open(signal) {
        yield create(WatchViewsResponseSchema, {});
        end.abort();
        signal.throwIfAborted();
      },
      onCounts: () => {},
      onConnection: (isConnected) => connections.push(isConnected),
      signal: end.signal,
    });
    await followed;
    expect(connections).toEqual([true]);
  });

  it("should wait longer from failure to failure, up to a bound", () => {
    expect([1, 2, 3, 6, 60].map((failures) => pauseAfter(failures, 1_000, 30_000))).toEqual([
      ...[1_000, 2_000, 4_000, 30_000, 30_000],
    ]);
  });
});
