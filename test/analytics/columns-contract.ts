import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Columns, Span } from "../../src/analytics/columns/columns.ts";
import { EntryType, type Entry } from "../../src/log/log.ts";
import { SOME_TIME } from "../support/views.ts";

/** One implementation of the columns, over some storage that outlasts a close. */
export interface ColumnsSubject {
  /** The columns, not open yet; the same ones each time. */
  open(): Promise<Columns>;
}

const ALWAYS: Span = { from: undefined, to: undefined };

function entry(position: number, parts: Partial<Entry> = {}): Entry {
  return {
    position,
    project: 0,
    type: EntryType.VIEW,
    time: SOME_TIME,
    viewer: 0,
    video: 1,
    viewId: `view-${position}`,
    watchMs: 0,
    country: "",
    device: "",
    referrer: "",
    kind: 0,
    value: 0,
    ...parts,
  };
}

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
      expect(await columns.viewTotals(0, 1, ALWAYS)).toEqual({
        views: 0,
        uniqueViewers: 0,
        watchMs: 0,
      });
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
      expect(await columns.viewTotals(0, 1, ALWAYS)).toEqual(totals);
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

    it("should answer as a naive count does, for any views and any span", async () => {
      const columns = await start();
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              project: fc.nat(1),
              type: fc.constantFrom(EntryType.VIEW, EntryType.VIEW, EntryType.EXTEND),
              time: fc.integer({ min: 0, max: 20 }),
              viewer: fc.nat(4),
              video: fc.integer({ min: 1, max: 4 }),
              watchMs: fc.nat(1_000_000),
            }),
            { minLength: 1, maxLength: 60 },
          ),
          fc.option(fc.integer({ min: -1, max: 21 }), { nil: undefined }),
          fc.option(fc.integer({ min: -1, max: 21 }), { nil: undefined }),
          async (parts, from, to) => {
            await columns.reset();
            const entries = parts.map((part, index) => entry(index + 1, part));
            await columns.apply(entries);
            const span = { from, to };
            for (const project of [0, 1]) {
              const expected = naiveTotals(entries, project, span);
              expect(await columns.topVideos(project, span, 100, undefined)).toEqual(
                expected.filter(({ views }) => views > 0),
              );
              for (const { video, ...totals } of expected) {
                expect(await columns.viewTotals(project, video, span)).toEqual(totals);
              }
            }
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}

function naiveTotals(entries: readonly Entry[], project: number, span: Span) {
  return [1, 2, 3, 4]
    .map((video) => {
      const rows = entries.filter(
        (row) =>
          row.project === project &&
          row.video === video &&
          (span.from === undefined || row.time >= span.from) &&
          (span.to === undefined || row.time < span.to),
      );
      return {
        video,
        views: rows.filter(({ type }) => type === EntryType.VIEW).length,
        uniqueViewers: new Set(rows.map(({ viewer }) => viewer).filter((viewer) => viewer !== 0))
          .size,
        watchMs: rows.reduce((sum, { watchMs }) => sum + watchMs, 0),
      };
    })
    .toSorted((a, b) => b.views - a.views || a.video - b.video);
}
