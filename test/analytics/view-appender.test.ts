import { join } from "node:path";
import * as fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { Database } from "../../src/analytics/columns/database.ts";
import { readRows } from "../../src/analytics/columns/rows.ts";
import { createTables } from "../../src/analytics/columns/schema.ts";
import { ViewAppender } from "../../src/analytics/columns/view-appender.ts";
import { EntryType, type FullEntry } from "../../src/log/log.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { entry } from "./support/entries.ts";

async function openDatabase(): Promise<Database> {
  const file = join(await temporaryDirectory(), "columns.duckdb");
  const database = await Database.open({ file, memoryMb: 256 });
  onTestFinished(() => database.close());
  await database.writer.run(createTables("main"));
  return database;
}

async function append(database: Database, entries: readonly FullEntry[]): Promise<void> {
  const appender = await ViewAppender.on(database.writer, database.viewChunk);
  for (const one of entries) appender.append(one);
  appender.flush();
  appender.close();
}

/** What the row of a view or an extension has to be. */
function rowOf(one: FullEntry): Record<string, unknown> {
  const bot = one.kind === 1;
  const views = one.type === EntryType.VIEW ? 1 : 0;
  const atLeast = (min: number, value: number): number | null => (value < min ? null : value);
  return {
    project: one.project,
    video: one.video,
    viewer: bot ? null : atLeast(1, one.viewer),
    time: one.time,
    views: bot ? 0 : views,
    bot_views: bot ? views : 0,
    watch_ms: bot ? 0 : one.watchMs,
    progress: bot ? null : atLeast(0, one.progress),
    progress_before: bot ? null : atLeast(0, one.progressBefore),
    country: one.country || null,
    device: one.device || null,
    referrer: one.referrer || null,
    properties: one.properties || null,
    bot_viewer: bot ? atLeast(1, one.viewer) : null,
  };
}

/** Texts around the length up to which they stand in a vector itself, of one byte to a character or more. */
const text = fc.oneof(
  fc.string({ maxLength: 14 }),
  fc.string({ unit: "grapheme", maxLength: 14 }),
  fc.constantFrom("", "twelve bytes", "thirteen byte", "ä".repeat(6), `${"ä".repeat(6)}b`),
);

const anyView = fc.record({
  type: fc.constantFrom(EntryType.VIEW, EntryType.EXTEND),
  project: fc.nat(3),
  video: fc.integer({ min: 1, max: 0x7fff_ffff }),
  viewer: fc.oneof(fc.constant(0), fc.nat(0x7fff_ffff)),
  time: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
  watchMs: fc.nat(2 ** 40),
  progress: fc.integer({ min: -1, max: 1_000 }),
  progressBefore: fc.integer({ min: -1, max: 1_000 }),
  kind: fc.nat(1),
  country: text,
  device: text,
  referrer: text,
  properties: text,
});

it("should append the row of each entry, whatever is in it", async () => {
  const database = await openDatabase();
  await fc.assert(
    fc.asyncProperty(fc.array(anyView, { minLength: 1, maxLength: 100 }), async (parts) => {
      const entries = parts.map((part, index) => entry(index + 1, part));
      await database.writer.run("delete from view");
      await append(database, entries);
      const rows = await readRows(database.writer, "select * from view order by rowid");
      expect(rows).toEqual(entries.map(rowOf));
    }),
    { numRuns: 50 },
  );
});

it("should append more rows than a chunk has, some with values where others have none", async () => {
  const database = await openDatabase();
  const entries = Array.from({ length: 5_000 }, (_, index) =>
    entry(index + 1, {
      viewer: index % 3,
      country: index % 2 === 0 ? "NL" : "",
      referrer: index % 5 === 0 ? `https://example.org/${index}` : "",
    }),
  );
  await append(database, entries);
  const rows = await readRows(database.writer, "select * from view order by rowid");
  expect(rows).toEqual(entries.map(rowOf));
});

it("should leave nothing of what was not flushed to who comes next", async () => {
  const database = await openDatabase();
  const appender = await ViewAppender.on(database.writer, database.viewChunk);
  appender.append(entry(1, { country: "NL", referrer: "https://example.org/" }));
  appender.close();
  await append(database, [entry(2, { video: 7 })]);
  const rows = await readRows(database.writer, "select video, country, referrer from view");
  expect(rows).toEqual([{ video: 7, country: null, referrer: null }]);
});
