import { join } from "node:path";
import Database from "better-sqlite3";
import { history } from "./history.ts";

/**
 * A process that inserts the same views into a bare SQLite table, from objects
 * that are there already, and tells how many seconds that took.
 *
 *     node bare-sqlite.ts DIRECTORY COUNT SEED END BATCH
 */
const [directory = "", count, seed, end, batch] = process.argv.slice(2);
const size = Number(batch);
const rows = [...history(Number(count), Number(seed), Number(end))];
const db = new Database(join(directory, "bare.db"));
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`create table view (
  viewId text unique, video text, viewer text, time integer, watchMs integer,
  country text, device text, referrer text
)`);
const insert = db.prepare(
  "insert into view values (@viewId, @video, @viewer, @time, @watchMs, @country, @device, @referrer)",
);
const insertAll = db.transaction((some: typeof rows) => {
  for (const row of some) insert.run(row);
});
process.send?.("ready");
process.once("message", () => {
  const started = performance.now();
  for (let at = 0; at < rows.length; at += size) insertAll(rows.slice(at, at + size));
  const seconds = (performance.now() - started) / 1_000;
  db.close();
  process.send?.(seconds);
});
process.once("disconnect", () => process.exit());
