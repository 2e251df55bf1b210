import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rmdir, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Copy } from "../../src/analytics/columns/compaction.ts";
import type { Compacted } from "../../src/analytics/columns/compactor.ts";
import { Database } from "../../src/analytics/columns/database.ts";
import { DuckDBColumns, type DuckDBColumnsOptions } from "../../src/analytics/columns/duckdb.ts";
import { createTables } from "../../src/analytics/columns/schema.ts";
import { EntryType, type FullEntry } from "../../src/log/log.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { entry } from "./support/entries.ts";

const ALWAYS = { from: undefined, to: undefined };
const AT_ONCE = { quietMs: 1, latestMs: 1, retryMs: 10 };
const LATER = { quietMs: 3_600_000, latestMs: 3_600_000 };

interface Subject {
  readonly columns: DuckDBColumns;
  readonly file: string;
  readonly compactions: Compacted[];
  readonly failures: unknown[];
}

async function start(
  options: Partial<DuckDBColumnsOptions> = {},
  given?: string,
): Promise<Subject> {
  const file = given ?? join(await temporaryDirectory(), "columns.duckdb");
  const compactions: Compacted[] = [];
  const failures: unknown[] = [];
  const columns = new DuckDBColumns(
    { file, memoryMb: 256, compression: false, compaction: AT_ONCE, ...options },
    {
      onCompacted: (compacted) => compactions.push(compacted),
      onCompactionFailure: (error) => failures.push(error),
      onBroken: (error) => failures.push(error),
    },
  );
  onTestFinished(() => columns.close());
  return { columns, file, compactions, failures };
}

function newSecret(): string {
  return randomBytes(40).toString("hex");
}

function erasure(position: number, viewer: number): FullEntry {
  return entry(position, { type: EntryType.ERASE, viewer, video: 0 });
}

/** Whether any file beside this one, or this one, has a text in it. */
async function isOnDisk(file: string, text: string): Promise<boolean> {
  const directory = dirname(file);
  for (const name of await readdir(directory)) {
    if ((await readFile(join(directory, name))).includes(text)) return true;
  }
  return false;
}

function numbersOf(length: number, first: number): FullEntry[] {
  return Array.from({ length }, (_, index) =>
    entry(first + index, { viewer: 2 + (index % 1_000), video: 1 + (index % 50) }),
  );
}

describe("what is erased", () => {
  it("should be gone from the files shortly after, and everything else be there", async () => {
    const { columns, file, compactions } = await start({ compaction: LATER });
    const [inReferrer, inProperties] = [newSecret(), newSecret()];
    const other = newSecret();
    await columns.open("log");
    await columns.apply([
      entry(1, { viewer: 1, referrer: inReferrer, properties: `{"a":"${inProperties}"}` }),
      entry(2, { viewer: 2, referrer: other }),
    ]);
    await columns.close();
    expect(await isOnDisk(file, inReferrer)).toBe(true);
    expect(await isOnDisk(file, inProperties)).toBe(true);
    await columns.open("log");
    await columns.apply([erasure(3, 1)]);
    await columns.close();
    // Deleting alone is not enough.
    expect(await isOnDisk(file, inReferrer)).toBe(true);
    // It is begun by the next process.
    const next = await start({}, file);
    expect(await next.columns.open("log")).toBe(3);
    await vi.waitFor(() => expect(next.compactions).toHaveLength(1));
    expect(await isOnDisk(file, inReferrer)).toBe(false);
    expect(await isOnDisk(file, inProperties)).toBe(false);
    expect(await isOnDisk(file, other)).toBe(true);
    expect(await readdir(dirname(file))).toEqual(["columns.duckdb"]);
    expect(await next.columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 1 });
    await next.columns.close();
    expect(await next.columns.open("log")).toBe(3);
    expect(compactions).toEqual([]);
  });

  it("should not be in what was kept of a damaged file", async () => {
    const { columns, file } = await start({ compaction: LATER });
    await columns.open("log");
    await writeFile(`${file}.damaged`, "what once was");
    await columns.apply([erasure(1, 1)]);
    expect(existsSync(`${file}.damaged`)).toBe(false);
  });

  it("should be gone once for all of several erasures", async () => {
    const { columns, compactions } = await start({
      compaction: { quietMs: 300, latestMs: 10_000 },
    });
    await columns.open("log");
    await columns.apply(
      Array.from({ length: 10 }, (_, index) => entry(index + 1, { viewer: index + 1 })),
    );
    for (let viewer = 1; viewer <= 10; viewer++)
      await columns.apply([erasure(10 + viewer, viewer)]);
    await vi.waitFor(() => expect(compactions).toHaveLength(1), 5_000);
    expect(await columns.viewTotals(0, undefined, ALWAYS)).toMatchObject({ views: 0 });
  });

  it("should leave the file alone where there was nothing to erase", async () => {
    const { columns, compactions } = await start();
    await columns.open("log");
    await columns.apply([entry(1, { viewer: 2 }), erasure(2, 1)]);
    await columns.apply([entry(3, { viewer: 1 }), erasure(4, 1)]);
    await vi.waitFor(() => expect(compactions).toHaveLength(1));
  });
});

describe("a compaction", () => {
  it("should hinder neither views, erasures nor questions meanwhile", async () => {
    const { columns, compactions, failures } = await start({ compression: true });
    await columns.open("log");
    await columns.apply([entry(1, { viewer: 1 }), ...numbersOf(200_000, 2)]);
    await columns.apply([erasure(200_002, 1)]);
    let position = 200_002;
    while (compactions.length === 0) {
      const erased = position % 7 === 0 ? [erasure(position + 2, 2 + (position % 1_000))] : [];
      await columns.apply([entry(position + 1, { viewer: 1_002 }), ...erased]);
      position += 1 + erased.length;
      const answer = await columns.answer("viewTotals", [0, undefined, ALWAYS]);
      expect(answer.position).toBe(position);
    }
    const { counts } = await columns.liveSnapshot(0, undefined, 0);
    const rows = await columns.query("select count(*) as rows, sum(views) as views from view", []);
    expect(rows).toEqual([{ rows: counts[0]?.views, views: counts[0]?.views }]);
    await columns.close();
    expect(await columns.open("log")).toBe(position);
    expect((await columns.liveSnapshot(0, undefined, 0)).counts[0]?.views).toBe(counts[0]?.views);
    expect(failures).toEqual([]);
  }, 60_000);

  it("should come of trimming once a tenth of the file is there in vain", async () => {
    const { columns, compactions } = await start();
    await columns.open("log");
    await columns.apply(
      Array.from({ length: 100 }, (_, index) => entry(index + 1, { time: index })),
    );
    const trim = (position: number, time: number): FullEntry =>
      entry(position, { type: EntryType.TRIM, time, video: 0 });
    await columns.apply([trim(101, 5)]);
    await sleep(50);
    expect(compactions).toEqual([]);
    await columns.apply([trim(102, 10)]);
    await vi.waitFor(() => expect(compactions).toHaveLength(1));
    expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 90 });
  });

  it("should keep the rows of a video together, when there is time for it", async () => {
    const { columns, compactions, failures } = await start({
      compaction: { ...LATER, clusterRows: 10_000, calmMs: 20 },
    });
    await columns.open("log");
    // How often the next row is of a video with a smaller number.
    const breaks = async (): Promise<number> => {
      const [row] = await columns.query(
        `select count(*) as breaks from (
           select video, lag(video) over (order by rowid) as before from view
         ) where video < before`,
        [],
      );
      return Number(row?.["breaks"]);
    };
    await columns.apply(numbersOf(9_000, 1));
    await sleep(100);
    expect(compactions).toEqual([]);
    expect(await breaks()).toBeGreaterThan(100);
    await columns.apply(numbersOf(9_000, 9_001));
    await vi.waitFor(() => expect(compactions).toHaveLength(1), 10_000);
    expect(await breaks()).toBe(0);
    // Where half as many are not clustered it is worth it once more, and not before.
    await columns.apply(numbersOf(8_900, 18_001));
    await sleep(100);
    expect(compactions).toHaveLength(1);
    await columns.apply(numbersOf(2_000, 26_901));
    await vi.waitFor(() => expect(compactions).toHaveLength(2), 10_000);
    expect(await breaks()).toBe(0);
    expect(await columns.viewTotals(0, undefined, ALWAYS)).toMatchObject({ views: 28_900 });
    await columns.close();
    expect(await columns.open("log")).toBe(28_900);
    expect(await columns.viewTotals(0, 7, ALWAYS)).toMatchObject({ views: 578 });
    expect(failures).toEqual([]);
  }, 60_000);

  it("should not be for the order of rows while many come, and lose none that come meanwhile", async () => {
    const { columns, compactions, failures } = await start({
      compaction: { ...LATER, clusterRows: 10_000, calmMs: 50 },
    });
    await columns.open("log");
    let position = 0;
    const more = async (count: number): Promise<void> => {
      await columns.apply(numbersOf(count, position + 1));
      position += count;
    };
    // Far more than 5,000 in a second.
    for (let times = 0; times < 40; times++) await more(2_000);
    expect(compactions).toEqual([]);
    await vi.waitFor(async () => {
      await more(1);
      expect(compactions).toHaveLength(1);
    }, 10_000);
    const answer = await columns.answer("viewTotals", [0, undefined, ALWAYS]);
    expect(answer).toMatchObject({ position, value: { views: position } });
    expect(failures).toEqual([]);
  }, 60_000);

  it("should be rid of what is erased while one is on that only sorts", async () => {
    const { columns, file, compactions } = await start({
      compaction: { quietMs: 1, latestMs: 1, clusterRows: 10_000, calmMs: 1 },
    });
    const secret = newSecret();
    await columns.open("log");
    await columns.apply([entry(1, { viewer: 1, referrer: secret }), ...numbersOf(200_000, 2)]);
    await vi.waitFor(() => expect(existsSync(`${file}.compact`)).toBe(true), {
      timeout: 10_000,
      interval: 1,
    });
    await columns.apply([erasure(200_002, 1)]);
    await vi.waitFor(async () => expect(await isOnDisk(file, secret)).toBe(false), 20_000);
    await vi.waitFor(() => expect(existsSync(`${file}.compact`)).toBe(false), 20_000);
    expect(compactions.length).toBeGreaterThan(0);
    expect(await columns.viewTotals(0, undefined, ALWAYS)).toMatchObject({ views: 200_000 });
  }, 60_000);

  it("should be tried again after a copy that was broken off", async () => {
    const file = join(await temporaryDirectory(), "columns.duckdb");
    const database = await Database.open({ file, memoryMb: 256 });
    onTestFinished(() => database.close());
    await database.writer.run(createTables("main"));
    const copyFile = `${file}.compact`;
    const stop = new AbortController();
    const finished = (await Copy.begin(database, file, copyFile)).finish(stop.signal);
    stop.abort();
    await expect(finished).rejects.toThrow(/abort|interrupt/i);
    expect(existsSync(copyFile)).toBe(false);
    await (await Copy.begin(database, file, copyFile)).finish(new AbortController().signal);
    expect(existsSync(copyFile)).toBe(true);
  });

  it("should be tried again when it cannot be done", async () => {
    const { columns, file, compactions, failures } = await start();
    await columns.open("log");
    await columns.apply([entry(1, { viewer: 1 })]);
    // Nothing can be written there.
    await mkdir(`${file}.compact`);
    await columns.apply([erasure(2, 1)]);
    await vi.waitFor(() => expect(failures.length).toBeGreaterThan(1));
    await rmdir(`${file}.compact`);
    await vi.waitFor(() => expect(compactions).toHaveLength(1));
    await columns.apply([entry(3)]);
    expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 1 });
  });

  it.each(["columns.copying:1", "columns.before-swap:1"])(
    "should leave nothing half done when the process is killed at %s",
    async (place) => {
      const file = join(await temporaryDirectory(), "columns.duckdb");
      const secret = newSecret();
      const child = spawn(
        process.execPath,
        [
          new URL("./support/apply-and-wait.ts", import.meta.url).pathname,
          `--file=${file}`,
          `--secret=${secret}`,
        ],
        { env: { ...process.env, MARQUEE_FAILPOINT: place }, stdio: ["pipe", "pipe", "inherit"] },
      );
      onTestFinished(() => void child.kill("SIGKILL"));
      const [, signal] = await once(child, "exit");
      expect(signal).toBe("SIGKILL");
      expect(existsSync(`${file}.compact`)).toBe(true);
      const { columns, compactions } = await start({}, file);
      expect(await columns.open("log")).toBe(3);
      expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 1, watchMs: 5 });
      await vi.waitFor(() => expect(compactions).toHaveLength(1));
      expect(existsSync(`${file}.compact`)).toBe(false);
      expect(await isOnDisk(file, secret)).toBe(false);
      expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 1, watchMs: 5 });
    },
  );
});
