import { open } from "node:fs/promises";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";
import { Books } from "./support/books.ts";
import { askedTotals, totalsOf } from "./support/columns-state.ts";
import { throwDice } from "./support/dice.ts";
import { exportLog } from "./support/export-state.ts";
import { startLoad } from "./support/load.ts";
import { readLog } from "./support/log-state.ts";

/** How a call may fail that comes upon what is damaged. */
const CLEAR: readonly Code[] = [Code.Unavailable, Code.Internal, Code.DataLoss];
const VIEWS = 20_000;
/** Views of a message: one that says more is refused. */
const BATCH = 1_000;

async function logMany(client: MarqueeClient): Promise<void> {
  const { logged } = await client.analytics.logViews(
    (async function* messages() {
      for (let from = 0; from < VIEWS; from += BATCH) {
        const views = Array.from({ length: BATCH }, (_, number) => ({
          viewId: `old-${from + number}`,
          videoName: `video-${number % 7}`,
          viewerId: `viewer-${number % 500}`,
          progress: 0.5,
          referrer: `https://example.org/${"x".repeat(100)}`,
        }));
        yield { views };
      }
    })(),
  );
  expect(Number(logged)).toBe(VIEWS);
}

/** Writes over the pages of a table in a SQLite file that hold its oldest rows, one in ten. */
async function damageOldPages(file: string, table: string): Promise<void> {
  const db = new Database(file, { readonly: true });
  const pages = db
    .prepare<[string], { pageno: number; pgsize: number }>(
      "select pageno, pgsize from dbstat where name = ? and pagetype = 'leaf' order by path",
    )
    .all(table);
  db.close();
  const oldest = pages.slice(0, Math.floor(pages.length / 2));
  const handle = await open(file, "r+");
  for (const [index, { pageno, pgsize }] of oldest.entries()) {
    if (index % 10 === 5) {
      await handle.write(Buffer.alloc(pgsize, 0xa5), 0, pgsize, (pageno - 1) * pgsize);
    }
  }
  await handle.close();
}

describe("a log that is damaged under a running server", () => {
  it("should fail what comes upon it, and nothing else", { timeout: 120_000 }, async () => {
    const directory = await temporaryDirectory();
    const settings = { MARQUEE_DATA_DIR: directory };
    const first = await spawnServer(settings);
    using before = createMarqueeClient({ url: first.url, retry: false });
    await logMany(before);
    // What was committed moves into the file itself, where it can be damaged.
    expect(await first.stop("SIGTERM")).toBe(0);
    const expected = totalsOf(await readLog(directory));

    const server = await spawnServer(settings);
    using client = createMarqueeClient({ url: server.url, retry: false });
    await damageOldPages(join(directory, "log.db"), "entry");

    // A commit, after which connections no longer trust what they have in memory.
    await client.analytics.logView({ videoName: "video", viewId: "new" });

    let codes = new Set<Code>();
    for (let times = 0; times < 3; times++) {
      const exported = await exportLog(client).catch(ConnectError.from);
      expect(exported).toBeInstanceOf(ConnectError);
      if (exported instanceof ConnectError) codes.add(exported.code);
    }
    for (const code of codes) expect(CLEAR).toContain(code);
    // Counts are made from elsewhere.
    expect(await askedTotals(client, expected.keys(), VIEWS)).toEqual(expected);

    // A view is logged, or is not; a repeat of an old one may need what is damaged.
    const dice = throwDice("a damaged log");
    const books = new Books(dice);
    const load = startLoad({ url: server.url, books, dice, goOn: true, pauseMs: 5 });
    codes = new Set();
    const forgotten: number[] = [];
    for (let number = 0; number < VIEWS; number += 97) {
      const again = {
        viewId: `old-${number}`,
        videoName: `video-${(number % BATCH) % 7}`,
        viewerId: `viewer-${(number % BATCH) % 500}`,
      };
      const answer = await client.analytics.logView(again).catch(ConnectError.from);
      if (answer instanceof ConnectError) codes.add(answer.code);
      else if (!answer.duplicate) forgotten.push(number);
    }
    expect(forgotten).toEqual([]);
    expect(codes.size).toBeGreaterThan(0);
    for (const code of codes) expect(CLEAR).toContain(code);
    const known = { ...load.acknowledged };
    await expect.poll(() => load.acknowledged.IngestViews).toBeGreaterThan(known.IngestViews + 100);
    await load.end();
    expect(load.lies).toEqual([]);
    for (const { error } of load.failures) expect(CLEAR).toContain(error.code);
    expect(server.child.exitCode).toBeNull();
    // What was acknowledged can be read: it is beyond what is damaged.
    const db = new Database(join(directory, "log.db"), { readonly: true });
    const rows = db
      .prepare<[number], [string]>(
        "select view_id from entry where position > ? and type = 1 order by position",
      )
      .raw()
      .all(VIEWS + 1);
    db.close();
    const logged = rows.map(([viewId]) => viewId);
    expect(new Set(logged).size).toBe(logged.length);
    const there = new Set(logged);
    expect(books.acknowledged.filter(({ viewId }) => !there.has(viewId))).toEqual([]);
    expect(logged.filter((viewId) => !books.views.has(viewId))).toEqual([]);
    expect(await server.stop("SIGTERM")).toBe(0);
  });
});

describe("columns that are damaged under a running server", () => {
  it(
    "should answer what is right, or nothing, until they are built again",
    { timeout: 120_000 },
    async () => {
      const directory = await temporaryDirectory();
      const settings = { MARQUEE_DATA_DIR: directory };
      const first = await spawnServer(settings);
      using before = createMarqueeClient({ url: first.url, retry: false });
      await logMany(before);
      const state = await readLog(directory);
      const expected = totalsOf(state);
      expect(await askedTotals(before, expected.keys(), state.head)).toEqual(expected);
      expect(await first.stop("SIGTERM")).toBe(0);

      // Rows are read when they are asked for: damage them before.
      const server = await spawnServer(settings);
      using client = createMarqueeClient({ url: server.url, retry: false });
      const file = await open(join(directory, "columns.duckdb"), "r+");
      const { size } = await file.stat();
      // The headers are three blocks of 4 KiB.
      await file.write(Buffer.alloc(size - 12_288, 0xa5), 0, size - 12_288, 12_288);
      await file.close();

      const codes = new Set<Code>();
      const right = async (): Promise<boolean> => {
        const answer = await askedTotals(client, expected.keys(), state.head).catch(
          ConnectError.from,
        );
        if (answer instanceof ConnectError) {
          codes.add(answer.code);
          return false;
        }
        expect(answer).toEqual(expected);
        return true;
      };
      await expect.poll(right).toBe(true);
      for (const code of codes) expect(CLEAR).toContain(code);
      // The log was not touched, and goes on.
      await client.analytics.logView({ videoName: "video-0", viewId: "new" });
      const exported = await exportLog(client);
      expect(exported.views.size).toBe(VIEWS + 1);
      expect(await server.stop("SIGTERM")).toBe(0);
    },
  );
});
