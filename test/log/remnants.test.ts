import { randomBytes } from "node:crypto";
import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { EntryType, type Log, type NewView } from "../../src/log/log.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { throwDice, type Dice } from "../faults/support/dice.ts";
import { rating, SOME_TIME, view } from "../support/views.ts";
import { foundIn } from "./support/found-in.ts";

const ERASED = Number(process.env["MARQUEE_TEST_ERASURES"] ?? 60);
const STAY = 40;

/** A text of bytes that are nowhere else. */
function mark(): string {
  return randomBytes(12).toString("hex");
}

/** A view by whom a mark tells, with the mark in all of its texts: some of them fill pages of their own. */
function markedView(dice: Dice, who: string, time: number): NewView {
  const size = dice.below(20);
  const properties = Array.from(
    { length: size === 0 ? 20 : size % 3 },
    (_, index) => [`p${index}`, `${who}-`.repeat(size === 0 ? 10 : 1)] as const,
  );
  return view({
    viewId: dice.below(4) === 0 ? `${who}-${mark()}` : `${mark()}-${who}`,
    video: `video-${dice.below(20)}`,
    time,
    watchMs: 10,
    country: dice.below(2) === 0 ? who.slice(0, 16) : "",
    device: `device-${who}`,
    referrer: size === 1 ? who.repeat(85) : `https://${who}.example/`,
    properties: properties.length === 0 ? "" : JSON.stringify(Object.fromEntries(properties)),
  });
}

/** One of some things that come and go. */
function pick<T>(dice: Dice, things: readonly T[]): T {
  return things[dice.below(things.length)] as T;
}

/** The name of a viewer: they differ in length. */
function nameOf(dice: Dice, who: string): string {
  return `${"viewer-".repeat(dice.below(10))}${who}`;
}

describe("what is erased from the SQLite log", () => {
  it("should leave no byte behind, whatever was written and removed around it", async () => {
    const dice = throwDice("remnants");
    const directory = await temporaryDirectory();
    const log = await SqliteLog.open({ directory });
    onTestFinished(() => log.close());
    const names = new Map<string, string>();
    const marks = Array.from({ length: ERASED + STAY }, mark);
    for (const who of marks) names.set(who, nameOf(dice, who));
    const alive = [...marks];
    const written: NewView[] = [];
    let time = SOME_TIME;

    const append = async (count: number): Promise<void> => {
      const views = Array.from({ length: count }, () => {
        const who = pick(dice, alive);
        return { ...markedView(dice, who, time++), viewer: names.get(who) ?? "" };
      });
      written.push(...views);
      await log.appendViews(caller(), views);
    };
    const extend = async (count: number): Promise<void> => {
      const there = new Set(alive.map((who) => names.get(who)));
      const some = Array.from({ length: count }, () => pick(dice, written)).filter(({ viewer }) =>
        there.has(viewer),
      );
      const longer = some.map((one) => ({ ...one, watchMs: dice.below(1_000_000) }));
      await log.appendViews(caller(), longer);
    };
    const rate = async (count: number): Promise<void> => {
      const feedback = Array.from({ length: count }, () =>
        rating({
          viewer: names.get(pick(dice, alive)) ?? "",
          video: `video-${dice.below(3)}`,
          value: dice.below(1_000),
          time: time++,
        }),
      );
      await log.appendFeedback(caller(), feedback);
    };

    // Each of them is there, though all else is up to the dice.
    const first = marks.map((who) => ({
      ...markedView(dice, who, time++),
      viewer: names.get(who) ?? "",
    }));
    await log.appendViews(caller(), first);
    for (let round = 0; round < 20; round++) {
      await append(200);
      await rate(100);
      await extend(50);
    }
    expect(await foundIn(directory, marks)).toEqual(marks);

    const erased: string[] = [];
    while (erased.length < ERASED) {
      const [who] = alive.splice(dice.below(alive.length), 1);
      if (who === undefined) throw new Error("nobody is left");
      erased.push(who);
      const others = [append(dice.below(40)), rate(dice.below(40)), extend(dice.below(20))];
      if (dice.below(10) === 0) others.push(trimSome(log, time));
      await log.eraseViewer(caller(), names.get(who) ?? "");
      expect(await foundIn(directory, [who])).toEqual([]);
      await Promise.all(others);
    }
    expect(await foundIn(directory, erased)).toEqual([]);

    // And what is trimmed, as far as nobody said who it was.
    await log.trimViews(caller(), time);
    const entries = await log.read(0, 100_000);
    expect(entries.filter(({ type }) => type === EntryType.VIEW)).toEqual([]);
    for (const who of alive) await log.eraseViewer(caller(), names.get(who) ?? "");
    expect(await foundIn(directory, marks)).toEqual([]);
    await log.close();
    expect(await foundIn(directory, marks)).toEqual([]);
  }, 60_000);

  it("should leave no byte behind in a log that was put back", async () => {
    const dice = throwDice("remnants of a backup");
    const directory = await temporaryDirectory();
    const backup = join(directory, "backup.db");
    const log = await SqliteLog.open({ directory });
    onTestFinished(() => log.close());
    const marks = Array.from({ length: 40 }, mark);
    for (let round = 0; round < 20; round++) {
      const views = Array.from({ length: 100 }, () =>
        markedView(dice, pick(dice, marks), SOME_TIME),
      );
      await log.appendViews(
        caller(),
        views.map((one) => ({ ...one, viewer: one.device })),
      );
    }
    await log.copyTo(backup);
    const erased = marks.slice(0, 30);
    await Promise.all(erased.map((who) => log.eraseViewer(caller(), `device-${who}`)));
    await log.close();
    await copyFile(backup, join(directory, "log.db"));
    expect(await foundIn(directory, marks)).toEqual(marks);
    const restored = await SqliteLog.open({ directory });
    onTestFinished(() => restored.close());
    expect(await foundIn(directory, marks)).toEqual(marks.slice(30));
  });

  it("should use the room of trimmed views again", async () => {
    const directory = await temporaryDirectory();
    const log = await SqliteLog.open({ directory });
    onTestFinished(() => log.close());
    const sizes: number[] = [];
    for (let round = 0; round < 6; round++) {
      for (let part = 0; part < 5; part++) {
        const views = Array.from({ length: 4_000 }, () =>
          view({ viewId: mark(), time: SOME_TIME + round, referrer: "x".repeat(50) }),
        );
        await log.appendViews(caller(), views);
        await log.appendFeedback(caller(), [rating({ viewer: `viewer-${round}-${part}` })]);
      }
      await log.trimViews(caller(), SOME_TIME + round);
      // An erasure moves what is in the WAL into the file.
      await log.eraseViewer(caller(), `viewer-${round}-0`);
      sizes.push((await stat(join(directory, "log.db"))).size);
    }
    expect(sizes[5]).toBeLessThan(1.3 * (sizes[2] ?? 0));
    const entries = await log.read(0, 100_000);
    expect(entries.filter(({ type }) => type === EntryType.VIEW)).toHaveLength(20_000);
  });
});

async function trimSome(log: Log, now: number): Promise<void> {
  await log.trimViews(caller(), SOME_TIME + Math.floor((now - SOME_TIME) / 3));
}
