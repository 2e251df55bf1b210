import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Columns, LiveCount, Span, ViewTotals } from "../../src/analytics/columns/columns.ts";
import {
  distinctViewers,
  viewersOf,
  viewersOfBuckets,
} from "../../src/analytics/columns/distinct-viewers.ts";
import { EntryType } from "../../src/log/log.ts";
import { SOME_TIME } from "../support/views.ts";
import { anyParts, entry } from "./support/entries.ts";
import { inOrder, NaiveColumns } from "./support/naive-columns.ts";

/** One implementation of the columns, over some storage that outlasts a close. */
export interface ColumnsSubject {
  /** The columns, not open yet; the same ones each time. */
  open(): Promise<Columns>;
}

const ALWAYS: Span = { from: undefined, to: undefined };

const NOTHING: ViewTotals = {
  views: 0,
  uniqueViewers: 0,
  watchMs: 0,
  botViews: 0,
  progressViews: 0,
  progressSum: 0,
  completed: 0,
};

/** What every implementation of the columns does. */
export function columnsContract(name: string, subject: () => Promise<ColumnsSubject>): void {
  describe(`${name} as columns`, () => {
    const start = async (): Promise<Columns> => {
      const columns = await (await subject()).open();
      expect(await columns.open("log")).toBe(0);
      return columns;
    };

    it("should begin at position 0 and know nothing", async () => {
      const columns = await start();
      expect(await columns.viewTotals(0, 1, ALWAYS)).toEqual(NOTHING);
      expect(await columns.viewTotals(0, undefined, ALWAYS)).toEqual(NOTHING);
      expect(await columns.topVideos(0, ALWAYS, 10, undefined)).toEqual([]);
    });

    it("should store the position with the rows, through a close", async () => {
      const one = await subject();
      const columns = await one.open();
      await columns.open("log");
      await columns.apply([entry(3), entry(7)]);
      await columns.apply([entry(9, { type: EntryType.FEEDBACK })]);
      await columns.close();
      const reopened = await one.open();
      expect(await reopened.open("log")).toBe(9);
      expect(await reopened.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 2 });
    });

    it("should forget everything on reset", async () => {
      const columns = await start();
      await columns.apply([entry(1)]);
      await columns.reset();
      expect(await columns.open("log")).toBe(0);
      expect(await columns.topVideos(0, ALWAYS, 10, undefined)).toEqual([]);
      await columns.apply([entry(1)]);
      expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 1 });
    });

    it("should drop what was made from another log", async () => {
      const columns = await start();
      await columns.apply([entry(1)]);
      expect(await columns.open("other log")).toBe(0);
      expect(await columns.topVideos(0, ALWAYS, 10, undefined)).toEqual([]);
      await columns.apply([entry(5)]);
      expect(await columns.open("other log")).toBe(5);
    });

    it("should add an extension to the watch time, and not to the views", async () => {
      const columns = await start();
      await columns.apply([
        entry(1, { viewer: 5, watchMs: 1000 }),
        entry(2, { type: EntryType.EXTEND, viewer: 5, viewId: "", watchMs: 500 }),
      ]);
      const totals = { views: 1, uniqueViewers: 1, watchMs: 1500 };
      expect(await columns.viewTotals(0, 1, ALWAYS)).toEqual({ ...NOTHING, ...totals });
      expect(await columns.topVideos(0, ALWAYS, 10, undefined)).toEqual([{ video: 1, ...totals }]);
    });

    it("should count nobody as no unique viewer", async () => {
      const columns = await start();
      await columns.apply([entry(1), entry(2), entry(3, { viewer: 1 })]);
      expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 3, uniqueViewers: 1 });
    });

    it("should page through the top videos, each once", async () => {
      const columns = await start();
      // Videos 1 to 9 with 3, 3, 3, 2, 2, 2, 1, 1, 1 views.
      const entries = Array.from({ length: 9 }, (_, index) =>
        Array.from({ length: 3 - Math.floor(index / 3) }, () => index + 1),
      ).flat();
      await columns.apply(entries.map((video, index) => entry(index + 1, { video })));
      const seen: number[] = [];
      let after;
      for (;;) {
        const page = await columns.topVideos(0, ALWAYS, 2, after);
        if (page.length === 0) break;
        seen.push(...page.map(({ video }) => video));
        after = page.at(-1);
      }
      expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    it("should follow how far a view got from one extension to the next", async () => {
      const columns = await start();
      const extension = { type: EntryType.EXTEND, viewer: 5, viewId: "" } as const;
      await columns.apply([
        entry(1, { viewer: 5 }),
        entry(2, { ...extension, progress: 400 }),
        entry(3, { ...extension, progress: 960, progressBefore: 400 }),
        entry(4, { ...extension, watchMs: 10 }),
        entry(5, { ...extension, progress: 1000, progressBefore: 960 }),
      ]);
      expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({
        views: 1,
        progressViews: 1,
        progressSum: 1000,
        completed: 1,
      });
      expect(inOrder(await columns.retention(0, 1, ALWAYS))).toEqual([
        { progressBefore: -1, progress: 400, count: 1 },
        { progressBefore: 400, progress: 960, count: 1 },
        { progressBefore: 960, progress: 1000, count: 1 },
      ]);
    });

    it("should count views by bots, and nothing else of them", async () => {
      const columns = await start();
      const bot = { kind: 1, viewer: 5, watchMs: 1000, progress: 1000 };
      await columns.apply([
        entry(1, bot),
        entry(2, { ...bot, type: EntryType.EXTEND, progressBefore: 10 }),
      ]);
      expect(await columns.viewTotals(0, 1, ALWAYS)).toEqual({ ...NOTHING, botViews: 1 });
      expect(await columns.topVideos(0, ALWAYS, 10, undefined)).toEqual([]);
      expect(await columns.retention(0, 1, ALWAYS)).toEqual([]);
    });

    it("should take erasures and views of the same batch in their order", async () => {
      const columns = await start();
      await columns.apply([
        entry(1, { viewer: 1 }),
        entry(2, { viewer: 2 }),
        entry(3, { type: EntryType.ERASE, viewer: 1, video: 0 }),
        entry(4, { viewer: 1 }),
        entry(5, { type: EntryType.TRIM, time: SOME_TIME, video: 0 }),
        entry(6, { time: SOME_TIME - 1, viewer: 3 }),
      ]);
      const { counts, position } = await columns.liveSnapshot(0, undefined, 0);
      expect(position).toBe(6);
      expect(counts[0]?.viewers.toSorted()).toEqual(Int32Array.of(1, 2, 3));
    });

    it("should keep texts as they are, and tell them in rows of plain values", async () => {
      const columns = await start();
      await columns.apply([
        entry(1, { country: "NL", properties: '{"a":"\u{1f600}"}', watchMs: 5_000_000_000 }),
        entry(2, { referrer: "it's", device: "x".repeat(2_000) }),
      ]);
      expect(
        await columns.query(
          `select country, length(device) as device, referrer, properties->>'a' as a,
             watch_ms::hugeint as watch, viewer is null as nobody
           from view where project = ? order by watch_ms desc`,
          [0],
        ),
      ).toEqual([
        { country: "NL", device: null, referrer: null, a: "\u{1f600}", watch: 5e9, nobody: true },
        { country: null, device: 2_000, referrer: "it's", a: null, watch: 0, nobody: true },
      ]);
    });

    it("should count different viewers exactly in all forms of a query", async () => {
      const columns = await start();
      const entries = Array.from({ length: 5_000 }, (_, index) =>
        entry(index + 1, {
          viewer: index % 7 === 0 ? 0 : (index * 31) % 1_777,
          video: 1 + (index % 5),
        }),
      );
      await columns.apply(entries);
      const seen = (video?: number): number =>
        new Set(
          entries
            .filter((row) => row.viewer !== 0 && (video === undefined || row.video === video))
            .map(({ viewer }) => viewer),
        ).size;
      expect(await columns.query(`select ${viewersOf("project = ?")} as viewers`, [0])).toEqual([
        { viewers: seen() },
      ]);
      expect(
        await columns.query(
          `from ${viewersOfBuckets("video - 1", 7, "view where project = ?")}`,
          [0],
        ),
      ).toEqual(
        Array.from({ length: 7 }, (_, bucket) => ({ bucket, unique_viewers: seen(bucket + 1) })),
      );
      for (const groups of [5, 10_000_000, Infinity]) {
        const viewers = distinctViewers(groups);
        const odd = distinctViewers(groups, "(viewer % 2) = 1 and video < 0");
        expect(
          await columns.query(
            `select video, ${viewers} as viewers, ${odd} as none
             from view where project = ? group by video order by video`,
            [0],
          ),
        ).toEqual([1, 2, 3, 4, 5].map((video) => ({ video, viewers: seen(video), none: 0 })));
      }
    });

    it("should answer about pages of many videos as about few", async () => {
      const columns = await start();
      const entries = Array.from({ length: 3_000 }, (_, index) =>
        entry(index + 1, { viewer: 1 + (index % 11), video: 1 + ((index * index) % 397) }),
      );
      await columns.apply(entries);
      const naive = new NaiveColumns();
      naive.apply(entries);
      const expected = naive.topVideos(0, ALWAYS);
      for (const limit of [1, 10, 62, 1_001]) {
        expect(await columns.topVideos(0, ALWAYS, limit, undefined)).toEqual(
          expected.slice(0, limit),
        );
      }
    });

    it("should break off a question whose signal aborts, and answer others", async () => {
      const columns = await start();
      await columns.apply([entry(1)]);
      const endless =
        "select sum(a.range * b.range) as n from range(10000000) a, range(10000000) b";
      const cancel = new AbortController();
      const reason = new Error("the caller is gone");
      // More of them than are answered at a time.
      const broken = Array.from({ length: 10 }, () => columns.query(endless, [], cancel.signal));
      setTimeout(() => cancel.abort(reason), 50);
      const outcomes = await Promise.allSettled(broken);
      expect(outcomes).toEqual(broken.map(() => ({ status: "rejected", reason })));
      expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 1 });
      await expect(columns.query("select 1", [], cancel.signal)).rejects.toBe(reason);
    });

    it("should answer as a naive count does, for any entries and any span", async () => {
      const columns = await start();
      const bound = fc.option(fc.integer({ min: -1, max: 21 }), { nil: undefined });
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyParts, { minLength: 1, maxLength: 80 }),
          fc.nat(80),
          bound,
          bound,
          fc.integer({ min: 1, max: 20 }),
          async (parts, cut, from, to, middle) => {
            await columns.reset();
            const entries = parts.map((part, index) => entry(index + 1, part));
            const naive = new NaiveColumns();
            for (const batch of [entries.slice(0, cut), entries.slice(cut)]) {
              await columns.apply(batch);
              naive.apply(batch);
            }
            const span = { from, to };
            const spans = { from: 0, middle, to: 20 };
            for (const project of [0, 1]) {
              expect(await columns.topVideos(project, span, 100, undefined)).toEqual(
                naive.topVideos(project, span),
              );
              const trending = await columns.trending(project, spans, 100);
              expect(trending).toEqual(naive.trending(project, spans));
              expect(await columns.trending(project, spans, 1)).toEqual(trending.slice(0, 1));
              const videos = [4, 1, 9];
              const live = await columns.liveSnapshot(project, videos, middle);
              const all = await columns.liveSnapshot(project, undefined, middle);
              expect(live.position).toBe(entries.length);
              expect([...live.counts, ...all.counts].map(sortedViewers)).toEqual(
                [...videos, undefined].map((video) => naive.liveCount(project, video, middle)),
              );
              for (const video of [undefined, 1, 2, 3, 4]) {
                expect(await columns.viewTotals(project, video, span)).toEqual(
                  naive.viewTotals(project, video, span),
                );
                if (video === undefined) continue;
                expect(inOrder(await columns.retention(project, video, span))).toEqual(
                  naive.retention(project, video, span),
                );
              }
            }
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}

function sortedViewers(count: LiveCount): LiveCount {
  return { ...count, viewers: count.viewers.toSorted(), current: count.current.toSorted() };
}
