import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBColumns } from "../../src/analytics/columns/duckdb.ts";
import { openForReading, openForWriting, readLogId } from "../../src/log/schema.ts";
import { Keys } from "../../src/log/view-key.ts";
import { print } from "./print.ts";
import { countries, days, devices, videos, viewers } from "./history.ts";

/**
 * Fills a data directory with the columns of many views in the order of their
 * times, as they are after the log has lost its views to their age: made in SQL, because the way through the
 * server would take hours for a hundred million.
 */
export async function seed(directory: string, views: number, end: number): Promise<void> {
  const data = join(directory, "data");
  const file = join(data, "columns.duckdb");
  const logId = seedLog(join(data, "log.db"), views);
  const columns = new DuckDBColumns({ file, memoryMb: 1_024 });
  await columns.open(logId);
  await columns.close();
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  const start = end - days * 86_400_000;
  // Zipf's law: of a random power of n, as many fall between k and k + 1 as k has of 1/k.
  const step = 10_000_000;
  for (let from = 0; from < views; from += step) {
    const count = Math.min(step, views - from);
    await connection.run(`
      insert into view (project, video, viewer, time, views, bot_views, watch_ms, progress,
                        progress_before, country, device, referrer, properties)
      select 0, floor(pow(${videos + 1}, random())), 1 + floor(random() * ${viewers}),
             ${start} + ((range + ${from}) * ${days * 86_400_000 - 1}.0 / ${views})::bigint,
             1, 0, floor(random() * 600000), floor(random() * 1001), null,
             ${list(countries)}[1 + floor(random() ^ 2 * ${countries.length})::integer],
             ${list(devices)}[1 + floor(random() ^ 2 * ${devices.length})::integer],
             case when random() < 0.5
               then 'https://site-' || floor(random() * 200)::integer || '.example/page' end,
             case when random() < 0.5 then '{"plan":"free"}' else '{"plan":"paid"}' end
      from range(${count})
    `);
  }
  await connection.run(`update projected set position = ${views}`);
  await connection.run("checkpoint");
  connection.closeSync();
  instance.closeSync();
}

/** Does what a server does by itself once it is calm: see src/analytics/columns/compaction.ts. */
export async function cluster(directory: string): Promise<void> {
  const data = join(directory, "data");
  const file = join(data, "columns.duckdb");
  const log = openForReading(join(data, "log.db"));
  const logId = readLogId(log);
  log.close();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const columns = new DuckDBColumns(
    { file, memoryMb: 1_024, compaction: { clusterRows: 1, calmMs: 1 } },
    {
      onCompacted: ({ durationMs }) => {
        print(`  clustered in ${(durationMs / 1_000).toFixed(1)} s`);
        resolve();
      },
      onCompactionFailure: reject,
    },
  );
  await columns.open(logId);
  await promise;
  await columns.close();
}

/** A log that has had so many entries, with the names of all videos and viewers. Returns its id. */
function seedLog(file: string, views: number): string {
  const log = openForWriting(file);
  const keys = new Keys(readLogId(log));
  const names = log.transaction(() => {
    const video = log.prepare("insert into video (project, name) values (0, ?)");
    for (let rank = 0; rank < videos; rank++) video.run(`video-${rank}`);
    const viewer = log.prepare("insert into viewer (project, name, name_key) values (0, ?, ?)");
    for (let rank = 0; rank < viewers; rank++) {
      viewer.run(`viewer-${rank}`, keys.viewer(0, `viewer-${rank}`));
    }
  });
  names();
  // What is left of a log whose views were removed: that they were (a TRIM entry).
  log
    .prepare(
      `insert into entry (position, project, type, time, viewer, video, watch_ms, kind, value)
       values (?, 0, 5, 0, 0, 0, 0, 0, 0)`,
    )
    .run(views);
  log.prepare("update head set position = ?").run(views);
  const id = readLogId(log);
  log.close();
  return id;
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(", ")}]`;
}
