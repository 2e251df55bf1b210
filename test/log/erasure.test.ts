import { randomUUID } from "node:crypto";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { EntryType, type NewView } from "../../src/log/log.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { rating, view } from "../support/views.ts";
import { foundIn } from "./support/found-in.ts";

async function openLog(directory: string): Promise<SqliteLog> {
  const log = await SqliteLog.open({ directory });
  onTestFinished(() => log.close());
  return log;
}

async function countOf(log: SqliteLog, type: number): Promise<number> {
  return (await log.read(0, 100_000)).filter((entry) => entry.type === type).length;
}

describe("an erasure from the SQLite log", () => {
  it("should leave nothing of the viewer in any byte on disk, while views come in", async () => {
    const directory = await temporaryDirectory();
    const log = await openLog(directory);
    const viewer = `viewer ${randomUUID()}`;
    const secrets = [viewer];
    const views: NewView[] = [];
    for (let index = 0; index < 20_000; index++) {
      // The text of one that is a UUID is not stored.
      const viewId = `view ${randomUUID()}`;
      const isTheirs = index % 100 === 0;
      const referrer = isTheirs ? randomUUID().repeat(index % 500 === 0 ? 50 : 1) : "";
      const properties = isTheirs ? JSON.stringify({ secret: randomUUID() }) : "";
      if (isTheirs) secrets.push(viewId, referrer.slice(0, 36), properties);
      const other = `other ${index}`;
      views.push(view({ viewId, viewer: isTheirs ? viewer : other, referrer, properties }));
    }
    for (let index = 0; index < views.length; index += 500) {
      await log.appendViews(caller(), views.slice(index, index + 500));
    }
    // Some of them more than once: as what extended them.
    await log.appendViews(
      caller(),
      views.slice(0, 1_000).map((one) => ({ ...one, watchMs: 100 })),
    );
    await log.appendFeedback(caller(), [rating({ viewer })]);
    expect(await foundIn(directory, secrets)).toEqual(secrets);

    const state = { erased: false };
    const erasing = log.eraseViewer(caller(), viewer).finally(() => (state.erased = true));
    while (!state.erased) {
      const others = Array.from({ length: 100 }, () => view({ viewId: randomUUID() }));
      await log.appendViews(caller(), others);
    }
    expect(await erasing).toMatchObject({ views: 200, feedback: 1 });
    expect(await foundIn(directory, secrets)).toEqual([]);
  });

  it("should be done again on an older log that is put back, and not on who came anew", async () => {
    const directory = await temporaryDirectory();
    const backup = join(directory, "backup.db");
    const first = await openLog(directory);
    await first.appendViews(
      caller(),
      ["ann", "bob", "ann"].map((viewer) => view({ viewer })),
    );
    await first.copyTo(backup);
    await first.eraseViewer(caller(), "ann");
    await first.close();

    await copyFile(backup, join(directory, "log.db"));
    const restored = await openLog(directory);
    expect(await restored.findName(0, "viewer", "ann")).toBeUndefined();
    expect((await restored.read(0, 10)).map(({ type }) => type)).toEqual([
      EntryType.VIEW,
      EntryType.ERASE,
    ]);
    const { position } = restored;
    await restored.appendView(caller(), view({ viewer: "ann" }));
    await restored.close();

    const again = await openLog(directory);
    expect(again.position).toBe(position + 1);
    expect(await again.findName(0, "viewer", "ann")).toBeDefined();
    expect(await countOf(again, EntryType.VIEW)).toBe(2);
    // Erased, come again, erased again: each stands for itself.
    await again.eraseViewer(caller(), "ann");
    await again.appendView(caller(), view({ viewer: "ann" }));
    await again.close();
    expect(await countOf(await openLog(directory), EntryType.VIEW)).toBe(2);
  });

  it("should go on at the next start when the log closes in its middle", async () => {
    const directory = await temporaryDirectory();
    const log = await openLog(directory);
    await log.appendViews(
      caller(),
      Array.from({ length: 10_000 }, () => view({ viewer: "ann" })),
    );
    const erasing = log.eraseViewer(caller(), "ann").catch((error: unknown) => error);
    await expect.poll(() => log.findName(0, "viewer", "ann")).toBeUndefined();
    await log.close();
    expect(await erasing).toMatchObject({ code: "unavailable" });

    const reopened = await openLog(directory);
    expect((await reopened.read(0, 100)).map(({ type }) => type)).toEqual([EntryType.ERASE]);
  });

  it("should pass over lines of erasures.jsonl that a crash cut off", async () => {
    const directory = await temporaryDirectory();
    const log = await openLog(directory);
    await log.appendViews(caller(), [view({ viewer: "ann" }), view({ viewer: "bob" })]);
    await log.eraseViewer(caller(), "ann");
    const file = join(directory, "erasures.jsonl");
    await writeFile(file, '{"id":"cut o', { flag: "a" });
    await log.eraseViewer(caller(), "bob");
    await log.close();
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
    expect(lines).toHaveLength(3);
    expect(await countOf(await openLog(directory), EntryType.ERASE)).toBe(2);
  });
});
