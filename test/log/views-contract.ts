import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EntryType, type Log, type ViewSelection } from "../../src/log/log.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { rating, SOME_TIME, view } from "../support/views.ts";
import type { LogSubject } from "./contract.ts";

const EVERYTHING: ViewSelection = {
  after: 0,
  upTo: Number.MAX_SAFE_INTEGER,
  from: undefined,
  to: undefined,
  viewer: "",
};

/** What every implementation of the log does with views, and what can be read of them. */
export function viewsContract(name: string, subject: () => Promise<LogSubject>): void {
  describe(`${name} as a log of views`, () => {
    const start = async (): Promise<Log> => (await subject()).open();

    it("should append many views at once, with a receipt for each", async () => {
      const log = await start();
      await log.appendView(caller(), view({ viewId: "old", watchMs: 10 }));
      const receipts = await log.appendViews(caller(), [
        view({ viewId: "a" }),
        view({ viewId: "old", watchMs: 10 }),
        view({ viewId: "a" }),
        view({ viewId: "old", watchMs: 30 }),
        view({ viewId: "old", viewer: "other" }),
        view({ viewId: "b" }),
        view({ viewId: "a", watchMs: 5 }),
      ]);
      expect(receipts.map(({ outcome }) => outcome)).toEqual([
        "logged",
        "duplicate",
        "duplicate",
        "extended",
        "conflict",
        "logged",
        "extended",
      ]);
      const entries = await log.read(0, 10);
      const of = (index: number): unknown =>
        entries.find(({ position }) => position === receipts[index]?.position);
      expect(of(0)).toMatchObject({ type: EntryType.VIEW, viewId: "a" });
      expect(of(3)).toMatchObject({ type: EntryType.EXTEND, watchMs: 20 });
      expect(of(5)).toMatchObject({ type: EntryType.VIEW, viewId: "b" });
      expect(of(6)).toMatchObject({ type: EntryType.EXTEND, watchMs: 5 });
      expect(entries).toHaveLength(5);
      expect(entries.at(-1)?.position).toBe(log.position);
    });

    it("should tell view ids apart, and give them back, whatever they look like", async () => {
      const log = await start();
      const uuid = "0193ab5e-7cde-7f01-8a2b-3c4d5e6f7a8b";
      const ids = [
        uuid,
        uuid.toUpperCase(),
        uuid.replaceAll("-", ""),
        uuid.replace("3ab", "3\u0161b"),
        uuid.replace("a8b", "a8g"),
        uuid.replace("-7", "_7"),
        `{${uuid}}`,
        uuid.slice(1),
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "\u{1f600}",
        " ",
        "x".repeat(128),
      ];
      const append = async (project: number): Promise<string[]> => {
        const receipts = await log.appendViews(
          caller(project),
          ids.map((viewId) => view({ viewId })),
        );
        return receipts.map(({ outcome }) => outcome);
      };
      for (const project of [0, 1]) {
        expect(new Set(await append(project))).toEqual(new Set(["logged"]));
        expect(new Set(await append(project))).toEqual(new Set(["duplicate"]));
      }
      expect((await log.read(0, 100)).map(({ viewId }) => viewId)).toEqual([...ids, ...ids]);
      const { views } = await log.readViews(caller(1), EVERYTHING, 100);
      expect(views.map(({ viewId }) => viewId)).toEqual(ids);
    });

    it("should resolve an empty list to no receipts", async () => {
      expect(await (await start()).appendViews(caller(), [])).toEqual([]);
    });

    it("should keep its books over thousands of views with repeats among them", async () => {
      const log = await start();
      const ids = Array.from({ length: 3_000 }, (_, index) => `id-${(index * 7) % 2_000}`);
      const receipts = await log.appendViews(
        caller(),
        ids.map((viewId) => view({ viewId, viewer: `viewer-${viewId.length}` })),
      );
      const logged = receipts.filter(({ outcome }) => outcome === "logged");
      expect(logged).toHaveLength(2_000);
      expect(receipts.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(1_000);
      const entries = await log.read(0, 5_000);
      const idOf = new Map(entries.map(({ position, viewId }) => [position, viewId]));
      expect(receipts.map(({ position }) => idOf.get(position))).toEqual(ids);
    });

    it("should extend a view by longer watch and further progress, each by itself", async () => {
      const log = await start();
      const common = { viewId: "v", viewer: "ann", country: "NL", device: "tv", bot: true };
      const append = (watchMs: number, progress: number) =>
        log.appendView(
          caller(),
          view({ ...common, referrer: "r", properties: '{"a":"b"}', watchMs, progress }),
        );
      const outcomes = [];
      for (const [watchMs, progress] of [
        [1000, -1],
        [500, 300],
        [500, 200],
        [2000, 300],
        [2000, -1],
        [2500, 950],
      ] as const) {
        outcomes.push((await append(watchMs, progress)).outcome);
      }
      expect(outcomes).toEqual([
        "logged",
        "extended",
        "duplicate",
        "extended",
        "duplicate",
        "extended",
      ]);
      const entries = await log.read(0, 10);
      expect(entries.map((e) => [e.type, e.watchMs, e.progress, e.progressBefore])).toEqual([
        [EntryType.VIEW, 1000, -1, -1],
        [EntryType.EXTEND, 0, 300, -1],
        [EntryType.EXTEND, 1000, -1, -1],
        [EntryType.EXTEND, 500, 950, 300],
      ]);
      for (const entry of entries) {
        expect(entry).toMatchObject({
          time: SOME_TIME,
          viewer: entries[0]?.viewer,
          country: "NL",
          device: "tv",
          referrer: "r",
          properties: '{"a":"b"}',
          kind: 1,
        });
      }
      const { views } = await log.readViews(caller(), EVERYTHING, 10);
      expect(views).toMatchObject([{ watchMs: 2500, progress: 950, bot: true }]);
    });

    it("should give back its views with all that became of them, page by page", async () => {
      const log = await start();
      const given = Array.from({ length: 25 }, (_, index) =>
        view({
          viewId: `v${index}`,
          viewer: index % 5 === 0 ? "" : `viewer ${index % 5}`,
          video: `video ${index % 3}`,
          time: SOME_TIME + index,
          progress: index % 2 === 0 ? index : -1,
          country: index % 2 === 0 ? "NL" : "",
          properties: index === 3 ? '{"plan":"free"}' : "",
        }),
      );
      await log.appendViews(caller(), given);
      await log.appendFeedback(caller(), [rating()]);
      await log.appendViews(caller(1), [view()]);
      const seen = [];
      let after = 0;
      while (after < log.position) {
        const page = await log.readViews(
          caller(),
          { ...EVERYTHING, after, upTo: log.position },
          10,
        );
        expect(page.views.length).toBeLessThanOrEqual(10);
        expect(page.position).toBeGreaterThan(after);
        seen.push(...page.views);
        after = page.position;
      }
      expect(seen).toMatchObject(given);
      expect(seen.map(({ position }) => position)).toEqual(
        (await log.read(0, 25)).map(({ position }) => position),
      );
    });

    it("should read only the views of a selection", async () => {
      const log = await start();
      for (let index = 0; index < 8; index++) {
        await log.appendView(
          caller(),
          view({ viewId: `${index}`, viewer: index % 2 === 0 ? "ann" : "bob", time: index }),
        );
      }
      const read = async (part: Partial<ViewSelection>): Promise<string> => {
        const upTo = log.position;
        const page = await log.readViews(caller(), { ...EVERYTHING, upTo, ...part }, 100);
        expect(page.position).toBe(part.upTo ?? upTo);
        return page.views.map(({ viewId }) => viewId).join("");
      };
      expect(await read({})).toBe("01234567");
      expect(await read({ viewer: "ann" })).toBe("0246");
      expect(await read({ viewer: "nobody" })).toBe("");
      expect(await read({ from: 2, to: 5 })).toBe("234");
      expect(await read({ after: 2, upTo: 4 })).toBe("23");
    });

    it.each([
      ["", ["a", "ab", "abc", "b", "z\u{10ffff}z", "\u{10ffff}", "ä", "éa", "\ud7ff!"]],
      ["a", ["a", "ab", "abc"]],
      ["ab", ["ab", "abc"]],
      ["z\u{10ffff}", ["z\u{10ffff}z"]],
      ["\u{10ffff}", ["\u{10ffff}"]],
      ["\ud7ff", ["\ud7ff!"]],
      ["é", ["éa"]],
      ["A", []],
    ])("should find the names that begin with %j", async (prefix, expected) => {
      const log = await start();
      const names = ["a", "ab", "abc", "b", "z\u{10ffff}z", "\u{10ffff}", "ä", "éa", "\ud7ff!"];
      await log.appendViews(
        caller(),
        names.map((video) => view({ video })),
      );
      await log.appendView(caller(1), view({ video: "abcd" }));
      const found = await log.namesOf(0, "video", await log.findNames(0, "video", prefix));
      expect(found.toSorted()).toEqual(expected.toSorted());
    });

    it("should copy itself as it is at one moment, while it is written", async () => {
      const one = await subject();
      const log = await one.open();
      await log.appendViews(
        caller(),
        Array.from({ length: 5_000 }, () => view({ viewer: "ann" })),
      );
      const file = join(await temporaryDirectory(), "copy.db");
      const state = { copied: false };
      const copying = log.copyTo(file).finally(() => (state.copied = true));
      while (!state.copied) await log.appendView(caller(), view());
      const position = await copying;
      expect(position).toBeGreaterThanOrEqual(5_000);
      const reader = one.openReader({ source: { file } });
      expect(await reader.id()).toBe(log.id);
      expect(await reader.position()).toBe(position);
      expect(await reader.read(0, 100_000)).toEqual(await log.read(0, position));
      await reader.close();
      await expect(log.copyTo(file)).rejects.toThrow("is there already");
    });
  });
}
