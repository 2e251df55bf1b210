import { failpoint } from "../../failpoint.ts";
import { EntryType, type ProjectedEntry } from "../../log/log.ts";
import type { Database } from "./database.ts";
import { readSums, type VideoSums } from "./standing-totals.ts";
import { ViewAppender } from "./view-appender.ts";

/** What entries have removed: how many rows, and their sums. */
export interface Removed {
  readonly erased: number;
  readonly trimmed: number;
  readonly sums: readonly VideoSums[];
}

const OF_VIEWER = "(viewer = $2 or bot_viewer = $2)";

/** Applies entries in their order, and stores the position of the last of them: all of it, or nothing. */
export async function applyEntries(
  database: Database,
  entries: readonly ProjectedEntry[],
): Promise<Removed> {
  const { writer } = database;
  failpoint("columns.before-apply");
  await writer.run("begin");
  try {
    const removed = await change(database, entries);
    await writer.run(
      `update projected set position = $1, trimmed = trimmed + $2, erased = erased or $3`,
      [BigInt(entries.at(-1)?.position ?? 0), BigInt(removed.trimmed), removed.erased > 0],
    );
    failpoint("columns.before-commit");
    await writer.run("commit");
    failpoint("columns.after-commit");
    return removed;
  } catch (error) {
    await writer.run("rollback").catch(() => {
      // The failure that matters is the first one.
    });
    throw error;
  }
}

async function change(
  { writer, viewChunk }: Database,
  entries: readonly ProjectedEntry[],
): Promise<Removed> {
  let erased = 0;
  let trimmed = 0;
  const sums: VideoSums[] = [];
  const remove = async (condition: string, project: number, value: number): Promise<number> => {
    const rows = `project = $1 and ${condition}`;
    const values = [project, BigInt(value)];
    appender.flush();
    sums.push(...(await readSums(writer, rows, values)));
    return (await writer.run(`delete from view where ${rows}`, values)).rowsChanged;
  };
  const appender = await ViewAppender.on(writer, viewChunk);
  try {
    for (const entry of entries) {
      switch (entry.type) {
        case EntryType.VIEW:
        case EntryType.EXTEND:
          appender.append(entry);
          break;
        case EntryType.ERASE:
          erased += await remove(OF_VIEWER, entry.project, entry.viewer);
          break;
        case EntryType.TRIM:
          trimmed += await remove("time < $2", entry.project, entry.time);
          break;
        default:
      }
    }
    appender.flush();
  } finally {
    appender.close();
  }
  return { erased, trimmed, sums };
}
