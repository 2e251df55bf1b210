import { describe, expect, it } from "vitest";
import {
  EntryType,
  FOLLOW_BATCH,
  type Entry,
  type Log,
  type LogReader,
} from "../../src/log/log.ts";
import { caller } from "../support/callers.ts";
import { rating, SOME_TIME, view } from "../support/views.ts";

/** One implementation of the log, over some storage that outlasts a close. */
export interface LogSubject {
  /** Opens the log; the same one each time. */
  open(): Promise<Log>;
  openReader(log: Pick<Log, "source">): LogReader;
}

/** What followers get of an entry, at least. */
function leanOf(entry: Entry): Entry {
  const { position, project, type, time, viewer, video, watchMs, kind, value, progress } = entry;
  return { position, project, type, time, viewer, video, watchMs, kind, value, progress };
}

/** What every implementation of the log does. */
export function logContract(name: string, subject: () => Promise<LogSubject>): void {
  describe(`${name} as a log`, () => {
    const start = async (): Promise<{ log: Log; subject: LogSubject }> => {
      const one = await subject();
      return { log: await one.open(), subject: one };
    };

    it("should begin at position 0 and have no entries", async () => {
      const { log } = await start();
      expect(log.position).toBe(0);
      expect(await log.read(0, 10)).toEqual([]);
    });

    it("should give back a view as it was appended", async () => {
      const { log } = await start();
      const receipt = await log.appendView(
        caller(),
        view({
          viewId: "v",
          video: "big buck bunny",
          viewer: "ann",
          watchMs: 1500,
          country: "NL",
          device: "tv",
          referrer: "https://example.org/?a=b",
          progress: 250,
          properties: '{"plan":"free"}',
        }),
      );
      expect(receipt).toEqual({ outcome: "logged", position: log.position });
      expect(await log.read(0, 10)).toEqual([
        {
          position: receipt.position,
          project: 0,
          type: EntryType.VIEW,
          time: SOME_TIME,
          viewer: await log.findName(0, "viewer", "ann"),
          video: await log.findName(0, "video", "big buck bunny"),
          viewId: "v",
          watchMs: 1500,
          progress: 250,
          progressBefore: -1,
          country: "NL",
          device: "tv",
          referrer: "https://example.org/?a=b",
          properties: '{"plan":"free"}',
          kind: 0,
          value: 0,
        },
      ]);
    });

    it("should count a view id once, and tell of the repeat", async () => {
      const { log } = await start();
      const first = await log.appendView(caller(), view({ viewId: "v", viewer: "ann" }));
      const again = await log.appendView(caller(), view({ viewId: "v", viewer: "ann" }));
      expect(again).toEqual({ outcome: "duplicate", position: first.position });
      expect(await log.read(0, 10)).toHaveLength(1);
    });

    it("should count a view id once when its repeats are appended at the same time", async () => {
      const { log } = await start();
      const receipts = await Promise.all(
        Array.from({ length: 50 }, () => log.appendView(caller(), view({ viewId: "v" }))),
      );
      expect(receipts.filter(({ outcome }) => outcome === "logged")).toHaveLength(1);
      expect(await log.read(0, 100)).toHaveLength(1);
    });

    it.each([
      ["video", { video: "other" }],
      ["viewer", { viewer: "other" }],
      ["viewer, of whom there was none", { viewer: "" }],
    ])("should refuse a view id of another %s and write nothing", async (_what, parts) => {
      const { log } = await start();
      const first = await log.appendView(caller(), view({ viewId: "v", viewer: "ann" }));
      const other = await log.appendView(
        caller(),
        view({ viewId: "v", viewer: "ann", watchMs: 99, ...parts }),
      );
      expect(other).toEqual({ outcome: "conflict", position: first.position });
      expect(await log.read(0, 10)).toHaveLength(1);
    });

    it("should extend a view by what its longer repeat adds, at its own time", async () => {
      const { log } = await start();
      const append = (watchMs: number, time: number) =>
        log.appendView(caller(), view({ viewId: "v", viewer: "ann", watchMs, time }));
      await append(1000, SOME_TIME);
      expect((await append(2500, SOME_TIME + 9000)).outcome).toBe("extended");
      // A repeat is where the view was extended last, so that it is seen from there on.
      expect(await append(2000, SOME_TIME + 9000)).toEqual({ outcome: "duplicate", position: 2 });
      expect((await append(2600, SOME_TIME + 9000)).outcome).toBe("extended");
      const entries = await log.read(0, 10);
      expect(entries.map(({ type, time, watchMs }) => [type, time, watchMs])).toEqual([
        [EntryType.VIEW, SOME_TIME, 1000],
        [EntryType.EXTEND, SOME_TIME, 1500],
        [EntryType.EXTEND, SOME_TIME, 100],
      ]);
    });

    it("should keep the view ids and the names of projects apart", async () => {
      const { log } = await start();
      const one = await log.appendView(caller(1), view({ viewId: "v", viewer: "ann" }));
      const two = await log.appendView(caller(2), view({ viewId: "v", viewer: "ann" }));
      expect([one.outcome, two.outcome]).toEqual(["logged", "logged"]);
      const [first, second] = await log.read(0, 10);
      expect(first?.viewer).not.toBe(second?.viewer);
      expect(await log.findName(3, "viewer", "ann")).toBeUndefined();
      expect(await log.namesOf(1, "viewer", [first?.viewer ?? 0, second?.viewer ?? 0])).toEqual([
        "ann",
        undefined,
      ]);
    });

    it.each([
      ["case", "Ann", "ann"],
      ["accents", "ann", "änn"],
      ["trailing spaces", "ann", "ann "],
      ["Unicode forms", "\u00e9", "e\u0301"],
      ["zeros", "a", "a\u0000b"],
    ])("should tell names apart by %s", async (_what, one, other) => {
      const { log } = await start();
      for (const viewer of [one, other, one]) await log.appendView(caller(), view({ viewer }));
      const viewers = (await log.read(0, 10)).map((entry) => entry.viewer);
      expect(viewers[0]).toBe(viewers[2]);
      expect(viewers[0]).not.toBe(viewers[1]);
      expect(await log.namesOf(0, "viewer", viewers)).toEqual([one, other, one]);
    });

    it("should let the latest feedback of a viewer, video and kind stand", async () => {
      const { log } = await start();
      const append = (...feedback: Parameters<typeof rating>[0][]) =>
        log.appendFeedback(caller(), feedback.map(rating));
      expect(await append({ value: 3 }, { value: 4, kind: 2 })).toMatchObject({ recorded: 2 });
      // The same again, older, and newer.
      expect(await append({ value: 3 })).toMatchObject({ recorded: 0, unchanged: 1 });
      expect(await append({ value: 1, time: SOME_TIME - 1 })).toMatchObject({ recorded: 0 });
      expect(await append({ value: 5, time: SOME_TIME + 1 })).toMatchObject({ recorded: 1 });
      const entries = await log.read(0, 10);
      expect(entries.map(({ kind, value, time }) => [kind, value, time])).toEqual([
        [2, 4, SOME_TIME],
        [4, 5, SOME_TIME + 1],
      ]);
    });

    it("should take feedback without a time as new only if its value is", async () => {
      const { log } = await start();
      const append = (value: number) =>
        log.appendFeedback(caller(), [rating({ value, time: undefined })]);
      const before = Date.now();
      expect(await append(3)).toMatchObject({ recorded: 1 });
      const { position } = await append(3);
      expect(position).toBe(log.position);
      expect(await log.read(0, 10)).toHaveLength(1);
      expect(await append(4)).toMatchObject({ recorded: 1 });
      const [entry] = await log.read(0, 10);
      expect(entry).toMatchObject({ value: 4 });
      expect(entry?.time).toBeGreaterThanOrEqual(before);
    });

    it("should apply the feedback of one append in its order", async () => {
      const { log } = await start();
      const receipt = await log.appendFeedback(
        caller(),
        [1, 2, 3].map((value) => rating({ value, time: undefined })),
      );
      expect(receipt).toEqual({ recorded: 1, unchanged: 2, position: log.position });
      expect((await log.read(0, 10)).map(({ value }) => value)).toEqual([3]);
    });

    it("should change nothing when an append of feedback is repeated", async () => {
      const { log } = await start();
      const feedback = [
        rating({ value: 3 }),
        rating({ value: 4, time: SOME_TIME + 1 }),
        rating({ value: 5 }),
        rating({ viewer: "other", value: 1, time: undefined }),
        rating({ viewer: "other", value: 2, time: undefined }),
      ];
      expect(await log.appendFeedback(caller(), feedback)).toMatchObject({ recorded: 2 });
      const entries = await log.read(0, 10);
      expect(entries.map(({ value }) => value)).toEqual([4, 2]);
      expect(await log.appendFeedback(caller(), feedback)).toMatchObject({ recorded: 0 });
      expect(await log.read(0, 10)).toEqual(entries);
    });

    it("should have an id of its own, and keep it", async () => {
      const { log, subject: one } = await start();
      const { log: other } = await start();
      expect(log.id).not.toBe(other.id);
      await log.close();
      expect((await one.open()).id).toBe(log.id);
      expect(await one.openReader(log).id()).toBe(log.id);
    });

    it("should read entries in order of growing positions, from any position", async () => {
      const { log } = await start();
      await Promise.all(Array.from({ length: 300 }, () => log.appendView(caller(), view())));
      const all = await log.read(0, 1000);
      expect(all).toHaveLength(300);
      expect(all.map(({ position }) => position)).toEqual(
        all.map(({ position }) => position).toSorted((a, b) => a - b),
      );
      expect(all.at(-1)?.position).toBe(log.position);
      expect(await log.read(all[99]?.position ?? 0, 50)).toEqual(all.slice(100, 150));
      expect(await log.read(log.position, 50)).toEqual([]);
    });

    it("should keep everything through a close, and go on counting positions", async () => {
      const { log, subject: one } = await start();
      await log.appendView(caller(), view({ viewId: "v", viewer: "ann" }));
      await log.appendFeedback(caller(), [rating(), rating({ value: 1, time: SOME_TIME + 1 })]);
      const entries = await log.read(0, 10);
      const { position } = log;
      await log.close();

      const reopened = await one.open();
      expect(reopened.position).toBe(position);
      expect(await reopened.read(0, 10)).toEqual(entries);
      const again = await reopened.appendView(caller(), view({ viewId: "v", viewer: "ann" }));
      expect(again.outcome).toBe("duplicate");
      const next = await reopened.appendView(caller(), view());
      expect(next.position).toBeGreaterThan(position);
    });

    it("should acknowledge what was appended before a close, and refuse what comes after", async () => {
      const { log, subject: one } = await start();
      const appended = Array.from({ length: 100 }, () => log.appendView(caller(), view()));
      await log.close();
      expect(await Promise.all(appended)).toHaveLength(100);
      await expect(log.appendView(caller(), view())).rejects.toMatchObject({ code: "unavailable" });
      expect(await (await one.open()).read(0, 1000)).toHaveLength(100);
    });

    it("should give followers everything once, whenever they begin", async () => {
      const { log, subject: one } = await start();
      const count = FOLLOW_BATCH * 2 + 10;
      const appendMany = async (): Promise<void> => {
        for (let done = 0; done < count; done += 500) {
          await Promise.all(
            Array.from({ length: Math.min(500, count - done) }, () =>
              log.appendView(caller(), view()),
            ),
          );
        }
      };
      await appendMany();
      await log.close();
      const reopened = await one.open();
      const start0 = reopened.position;
      const controller = new AbortController();
      const follow = async (after: number, until: number): Promise<Entry[]> => {
        const seen: Entry[] = [];
        for await (const batch of reopened.follow(after, controller.signal)) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(FOLLOW_BATCH);
          seen.push(...batch);
          if ((seen.at(-1)?.position ?? 0) >= until) break;
        }
        return seen;
      };
      const target = start0 + 20;
      const followers = [0, 5, start0 - 3, start0].map((after) => follow(after, target));
      for (let i = 0; i < 20; i++) await reopened.appendView(caller(), view());
      const expected = await reopened.read(0, 10 * count);
      const seen = await Promise.all(followers);
      for (const [index, after] of [0, 5, start0 - 3, start0].entries()) {
        expect(seen[index]).toMatchObject(
          expected.filter(({ position }) => position > after).map(leanOf),
        );
      }
    });

    it("should end its followers when they abort and when it closes", async () => {
      const { log } = await start();
      const controller = new AbortController();
      const drain = async (signal: AbortSignal): Promise<string> => {
        for await (const _ of log.follow(0, signal));
        return "ended";
      };
      const aborted = drain(controller.signal);
      const closed = drain(new AbortController().signal);
      controller.abort();
      expect(await aborted).toBe("ended");
      await log.close();
      expect(await closed).toBe("ended");
    });

    it("should call back after each commit, with the position that it reports", async () => {
      const { log } = await start();
      const positions: number[] = [];
      const stop = log.onCommit((position) => positions.push(position));
      const { position } = await log.appendView(caller(), view());
      expect(positions).toEqual([position]);
      stop();
      await log.appendView(caller(), view());
      expect(positions).toHaveLength(1);
    });

    it("should be readable from outside while it is written", async () => {
      const { log, subject: one } = await start();
      await log.appendView(caller(), view());
      const reader = one.openReader(log);
      expect(await reader.position()).toBe(log.position);
      await log.appendView(caller(), view());
      expect(await reader.read(0, 10)).toEqual(await log.read(0, 10));
      await reader.close();
    });
  });
}
