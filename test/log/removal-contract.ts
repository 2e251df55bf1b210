import { describe, expect, it } from "vitest";
import { EntryType, type Entry, type Log } from "../../src/log/log.ts";
import { caller } from "../support/callers.ts";
import { rating, SOME_TIME, view } from "../support/views.ts";
import type { LogSubject } from "./contract.ts";

/** What every implementation of the log does when something is to go. */
export function removalContract(name: string, subject: () => Promise<LogSubject>): void {
  describe(`${name} as a log from which things are removed`, () => {
    const start = async (): Promise<{ log: Log; subject: LogSubject }> => {
      const one = await subject();
      return { log: await one.open(), subject: one };
    };

    it("should erase a viewer's name, views and feedback, and say so in an entry", async () => {
      const { log } = await start();
      await log.appendViews(caller(), [
        view({ viewId: "1", viewer: "ann" }),
        view({ viewId: "2", viewer: "bob" }),
        view({ viewId: "3", viewer: "ann", watchMs: 5 }),
        view({ viewId: "3", viewer: "ann", watchMs: 9 }),
        view({ viewId: "4" }),
      ]);
      await log.appendFeedback(caller(), [rating({ viewer: "ann" }), rating({ viewer: "bob" })]);
      await log.appendViews(caller(1), [view({ viewer: "ann" })]);
      const ann = (await log.findName(0, "viewer", "ann")) ?? 0;
      const commits: number[] = [];
      log.onCommit((position) => commits.push(position));

      const receipt = await log.eraseViewer(caller(), "ann");
      expect(receipt).toEqual({ views: 2, feedback: 1, position: log.position });
      expect(commits).toEqual([log.position]);
      const entries = await log.read(0, 100);
      expect(entries.map(({ type, viewId }) => [type, viewId])).toMatchObject([
        [EntryType.VIEW, "2"],
        [EntryType.VIEW, "4"],
        [EntryType.FEEDBACK, ""],
        [EntryType.VIEW, expect.any(String)],
        [EntryType.ERASE, ""],
      ]);
      expect(entries.at(-1)).toMatchObject({ project: 0, viewer: ann, position: log.position });
      expect(Math.abs((entries.at(-1)?.time ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await log.findName(0, "viewer", "ann")).toBeUndefined();
      expect(await log.namesOf(0, "viewer", [ann])).toEqual([undefined]);
      expect(await log.findName(1, "viewer", "ann")).toBeDefined();
    });

    it("should erase what was appended before it, whether it was on disk by then or not", async () => {
      const { log } = await start();
      await log.appendView(caller(), view({ viewer: "ann" }));
      const append = (viewer: string, count: number) =>
        log.appendViews(
          caller(),
          Array.from({ length: count }, () => view({ viewer })),
        );
      const before = [append("ann", 6_000), append("ann", 6_000), append("bob", 10)];
      const erasing = log.eraseViewer(caller(), "ann");
      // Whoever comes after it is another viewer.
      const after = append("ann", 7);
      expect(await erasing).toMatchObject({ views: 12_001 });
      await Promise.all([...before, after]);
      const left = await log.read(0, 100_000);
      expect(left.filter(({ type }) => type === EntryType.VIEW)).toHaveLength(17);
      expect(await log.eraseViewer(caller(), "ann")).toMatchObject({ views: 7 });
    });

    it("should do nothing about a viewer whom it does not know", async () => {
      const { log } = await start();
      await log.appendView(caller(), view());
      const { position } = log;
      expect(await log.eraseViewer(caller(), "ann")).toEqual({ views: 0, feedback: 0, position });
      expect(await log.read(0, 10)).toHaveLength(1);
    });

    it("should take an erased viewer for another one when they come again", async () => {
      const { log, subject: one } = await start();
      await log.appendView(caller(), view({ viewId: "v", viewer: "ann" }));
      const before = await log.findName(0, "viewer", "ann");
      await log.eraseViewer(caller(), "ann");
      const again = await log.appendView(caller(), view({ viewId: "v", viewer: "ann" }));
      expect(again.outcome).toBe("logged");
      expect(await log.findName(0, "viewer", "ann")).not.toBe(before);
      await log.close();
      const reopened = await one.open();
      expect((await reopened.read(0, 10)).map(({ type }) => type)).toEqual([
        EntryType.ERASE,
        EntryType.VIEW,
      ]);
      expect(await reopened.eraseViewer(caller(), "ann")).toMatchObject({ views: 1 });
    });

    it("should erase while it is written, with repeats of what is being erased among it", async () => {
      const { log } = await start();
      const views = Array.from({ length: 6_000 }, (_, index) =>
        view({ viewId: `id-${index}`, viewer: index % 2 === 0 ? "ann" : "bob" }),
      );
      await log.appendViews(caller(), views);
      const state = { erased: false };
      const erasing = log.eraseViewer(caller(), "ann").finally(() => (state.erased = true));
      let twice: Promise<unknown> | undefined;
      for (let index = 0; !state.erased; index = (index + 1) % views.length) {
        const repeat = views[index] ?? view();
        const { outcome } = await log.appendView(caller(), { ...repeat, viewer: "eve" });
        expect(index % 2 === 1 ? ["conflict"] : ["logged", "duplicate"]).toContain(outcome);
        twice ??= log.eraseViewer(caller(), "ann");
      }
      expect(await erasing).toMatchObject({ views: 3_000 });
      expect([0, 3_000]).toContain(((await twice) as { views: number }).views);
      const bob = await log.findName(0, "viewer", "bob");
      const left = await log.read(0, 100_000);
      expect(left.filter(({ viewer }) => viewer === bob)).toHaveLength(3_000);
      const eve = await log.findName(0, "viewer", "eve");
      const viewers = left.filter(({ type }) => type === EntryType.VIEW).map((e) => e.viewer);
      expect(viewers.filter((viewer) => viewer !== bob && viewer !== eve)).toEqual([]);
    });

    it("should erase several viewers at once", async () => {
      const { log } = await start();
      const viewers = Array.from({ length: 20 }, (_, index) => `viewer-${index}`);
      await log.appendViews(
        caller(),
        viewers.flatMap((viewer, index) => Array.from({ length: index }, () => view({ viewer }))),
      );
      const receipts = await Promise.all(
        viewers.map((viewer) => log.eraseViewer(caller(), viewer)),
      );
      // Of the first there is nothing.
      expect(receipts.map(({ views }) => views)).toEqual(viewers.map((_, index) => index));
      const left = await log.read(0, 1_000);
      expect(left.map(({ type }) => type)).toEqual(
        Array.from({ length: 19 }, () => EntryType.ERASE),
      );
    });

    it("should remove the views that began before a time, and say so in an entry", async () => {
      const { log } = await start();
      await log.appendViews(caller(), [
        view({ viewId: "1", viewer: "ann", time: SOME_TIME - 1, watchMs: 1 }),
        view({ viewId: "2", viewer: "ann", time: SOME_TIME }),
        view({ viewId: "1", viewer: "ann", time: SOME_TIME, watchMs: 9 }),
        view({ viewId: "3", viewer: "ann", time: SOME_TIME - 1_000 }),
      ]);
      await log.appendFeedback(caller(), [rating({ time: SOME_TIME - 1 })]);
      await log.appendViews(caller(1), [view({ time: SOME_TIME - 1 })]);
      const receipt = await log.trimViews(caller(), SOME_TIME);
      expect(receipt).toEqual({ views: 2, position: log.position });
      const entries = await log.read(0, 100);
      expect(entries.map(({ project, type, time }) => [project, type, time])).toEqual([
        [0, EntryType.VIEW, SOME_TIME],
        [0, EntryType.FEEDBACK, SOME_TIME - 1],
        [1, EntryType.VIEW, SOME_TIME - 1],
        [0, EntryType.TRIM, SOME_TIME],
      ]);
    });

    it("should write nothing when there is nothing to remove", async () => {
      const { log } = await start();
      await log.appendView(caller(), view());
      const { position } = log;
      expect(await log.trimViews(caller(), SOME_TIME)).toEqual({ views: 0, position });
      expect(await log.read(0, 10)).toHaveLength(1);
    });

    it("should keep of its TRIM entries what a projection needs that reads them late", async () => {
      const { log } = await start();
      const trim = async (time: number): Promise<void> => {
        await log.appendView(caller(), view({ time: time - 1 }));
        await log.trimViews(caller(), time);
      };
      for (const time of [100, 300, 200]) await trim(time);
      const times = async (): Promise<number[]> => (await log.read(0, 10)).map((e) => e.time);
      expect(await times()).toEqual([300, 200]);
      await trim(300);
      expect(await times()).toEqual([300]);
    });

    it("should take a repeat of what is being removed for a new view", async () => {
      const { log } = await start();
      const old = { viewId: "1", viewer: "ann", time: SOME_TIME - 1 };
      await log.appendView(caller(), view({ ...old, watchMs: 5 }));
      await log.appendView(caller(), view({ ...old, watchMs: 7 }));
      const repeated = Promise.withResolvers<unknown>();
      // The TRIM entry is there, and so is the view.
      const stop = log.onCommit(() => {
        stop();
        repeated.resolve(log.appendView(caller(), view({ ...old, watchMs: 9 })));
      });
      await log.trimViews(caller(), SOME_TIME);
      expect(await repeated.promise).toMatchObject({ outcome: "logged" });
      const entries = await log.read(0, 100);
      expect(entries.map(({ type, watchMs }) => [type, watchMs])).toEqual([
        [EntryType.TRIM, 0],
        [EntryType.VIEW, 9],
      ]);
    });

    it("should leave a projection that lags behind with what it has itself", async () => {
      const { log } = await start();
      const append = (count: number) =>
        log.appendViews(
          caller(),
          Array.from({ length: count }, (_, index) =>
            view({ viewer: `viewer-${index % 3}`, time: SOME_TIME + (index % 10) }),
          ),
        );
      await append(3_000);
      const projection = new Map<number, Entry>();
      let position = 0;
      const project = async (limit: number): Promise<void> => {
        for (const entry of await log.read(position, limit)) {
          position = entry.position;
          if (entry.type === EntryType.VIEW) projection.set(entry.position, entry);
          for (const [at, { viewer, time }] of projection) {
            const gone =
              (entry.type === EntryType.ERASE && viewer === entry.viewer) ||
              (entry.type === EntryType.TRIM && time < entry.time);
            if (gone) projection.delete(at);
          }
        }
      };
      await project(1_000);
      const trimming = log.trimViews(caller(), SOME_TIME + 5);
      const erasing = log.eraseViewer(caller(), "viewer-1");
      for (let round = 0; round < 10; round++) {
        await append(20);
        await project(200);
      }
      await Promise.all([trimming, erasing]);
      await project(100_000);
      const views = (await log.read(0, 100_000)).filter(({ type }) => type === EntryType.VIEW);
      expect([...projection.keys()]).toEqual(views.map((entry) => entry.position));
    });
  });
}
