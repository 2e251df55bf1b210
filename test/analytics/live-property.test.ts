import { durationMs } from "@bufbuild/protobuf/wkt";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MarqueeClient } from "../../src/client/client.ts";
import type { NewView } from "../../src/log/log.ts";
import { caller } from "../support/callers.ts";
import { startLiveServer } from "../support/live-server.ts";
import { view } from "../support/views.ts";

const VIDEOS = ["a", "b", "c", "d"];
const video = fc.constantFrom(...VIDEOS);
const viewer = fc.constantFrom("", "ann", "ben", "cay", "dan");
const views = fc.record({
  video,
  viewer,
  watchMs: fc.nat({ max: 1_000 }),
  bot: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ log: fc.array(views, { minLength: 1, maxLength: 5 }) }) },
  { weight: 4, arbitrary: fc.record({ repeat: fc.nat(), watchMs: fc.nat({ max: 3_000 }) }) },
  { weight: 1, arbitrary: fc.record({ erase: viewer.filter((name) => name !== "") }) },
  { weight: 2, arbitrary: fc.record({ watch: fc.subarray(VIDEOS) }) },
  { weight: 1, arbitrary: fc.record({ leave: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ waitMs: fc.nat({ max: 80 }) }) },
);

/** All views, and what is to be known of them. */
class NaiveCount {
  #views: NewView[] = [];

  log(one: NewView): void {
    this.#views.push(one);
  }

  /** A view that was logged, with another watch. */
  repeat(n: number, watchMs: number): NewView | undefined {
    const index = n % Math.max(1, this.#views.length);
    const one = this.#views[index];
    if (one === undefined) return undefined;
    const repeated = { ...one, watchMs };
    this.#views[index] = { ...one, watchMs: Math.max(watchMs, one.watchMs) };
    return repeated;
  }

  erase(name: string): void {
    this.#views = this.#views.filter((one) => one.viewer !== name);
  }

  counts(name: string): string {
    const counted = this.#views.filter((one) => !one.bot && (name === "" || one.video === name));
    const viewers = new Set(counted.map((one) => one.viewer).filter((one) => one !== "")).size;
    const watchMs = counted.reduce((sum, one) => sum + one.watchMs, 0);
    return [counted.length, viewers, watchMs, viewers].join(" ");
  }
}

/** Watches, and keeps what it was told last. */
class Reader {
  readonly names: readonly string[];
  readonly known = new Map<string, string>();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  failure: unknown;

  constructor(client: MarqueeClient, videoNames: string[]) {
    this.names = videoNames.length === 0 ? [""] : videoNames;
    this.#ended = this.#read(client, videoNames).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.failure = error;
    });
  }

  async #read(client: MarqueeClient, videoNames: string[]): Promise<void> {
    const { signal } = this.#stop;
    for await (const { counts } of client.analytics.watchViews({ videoNames }, { signal })) {
      for (const { videoName, watchDuration, ...one } of counts) {
        const watchMs = watchDuration === undefined ? -1 : durationMs(watchDuration);
        const numbers = [one.views, one.uniqueViewers, watchMs, one.currentViewers];
        this.known.set(videoName, numbers.join(" "));
      }
    }
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.#ended;
  }
}

describe("WatchViews", () => {
  it("should end up with what a naive count has, whatever happens in between", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const { log, live, client } = await startLiveServer({ currentMs: 3_600_000 });
        const naive = new NaiveCount();
        const readers: Reader[] = [];
        const writing: Promise<unknown>[] = [];
        for (const one of steps) {
          if ("log" in one) {
            const logged = one.log.map((parts) => view({ ...parts, time: Date.now() }));
            for (const each of logged) naive.log(each);
            writing.push(log.appendViews(caller(), logged));
          } else if ("repeat" in one) {
            const repeated = naive.repeat(one.repeat, one.watchMs);
            if (repeated !== undefined) writing.push(log.appendView(caller(), repeated));
          } else if ("erase" in one) {
            // What is written at the same time comes before it or after it.
            await Promise.all(writing);
            naive.erase(one.erase);
            await log.eraseViewer(caller(), one.erase);
          } else if ("watch" in one) {
            readers.push(new Reader(client, one.watch));
          } else if ("leave" in one) {
            const [left] = readers.splice(one.leave % Math.max(1, readers.length), 1);
            await left?.stop();
          } else {
            await new Promise((resolve) => setTimeout(resolve, one.waitMs));
          }
        }
        readers.push(new Reader(client, []), new Reader(client, VIDEOS));
        await Promise.all(writing);
        for (const reader of readers) {
          const expected = new Map(reader.names.map((name) => [name, naive.counts(name)]));
          await expect
            .poll(() => ({ known: reader.known, failure: reader.failure }))
            .toEqual({ known: expected, failure: undefined });
        }
        await Promise.all(readers.map((reader) => reader.stop()));
        await expect.poll(() => live.size).toBe(0);
        await log.close();
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });
});
