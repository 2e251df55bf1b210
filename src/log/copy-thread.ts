import { closeSync, existsSync, fsyncSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { serveThread, threadData } from "../thread.ts";
import { syncDirectory } from "./erasure-journal.ts";
import type { LogSource } from "./log.ts";
import { SqliteLogReader } from "./reader.ts";
import { openForReading } from "./schema.ts";

/** A thread that copies a log, which takes as long as it takes. */

const db = openForReading(threadData<LogSource>().file);
// The copy gets it from here: without, the first page of a table keeps what it
// passes on when it becomes the root of others.
db.pragma("secure_delete = ON");
const reader = new SqliteLogReader(db);

const api = {
  /**
   * Writes a copy into a new file, which is on disk when this is fulfilled, and
   * tells its position. It is as the log was when this began; the log is written
   * on meanwhile.
   */
  async copyTo(file: string): Promise<number> {
    if (existsSync(file)) throw new Error(`${file} is there already`);
    try {
      db.prepare("vacuum into ?").run(file);
      sync(file);
      return await positionOf(file);
    } catch (cause) {
      rmSync(file, { force: true });
      throw cause;
    }
  },
};

export type CopyApi = typeof api;

serveThread(api);

function sync(file: string): void {
  const fd = openSync(file, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncDirectory(dirname(file));
}

/** The position of a copy. Rejects if it is no copy of this log. */
async function positionOf(file: string): Promise<number> {
  const copy = new SqliteLogReader(openForReading(file));
  try {
    if ((await copy.id()) !== (await reader.id())) throw new Error(`${file} is not the log`);
    return await copy.position();
  } finally {
    await copy.close();
  }
}
