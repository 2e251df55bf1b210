import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { makeDirectory } from "./directory.ts";

/** The locks of this process: one that were collected as garbage would be let go. */
const held = new Set<Database.Database>();

/**
 * Takes a data directory for this process, until the returned function is
 * called or the process ends, however it ends: the lock is one that the
 * operating system lets go of. SQLite is used for it because Node has no
 * interface to file locks.
 *
 * @throws Error that names the process which has the directory.
 */
export function lockDirectory(directory: string): () => void {
  makeDirectory(directory);
  const holder = join(directory, "marquee.pid");
  const db = new Database(join(directory, "marquee.lock"), { timeout: 0 });
  try {
    db.exec("begin exclusive");
  } catch (cause) {
    db.close();
    if ((cause as { code?: string }).code !== "SQLITE_BUSY") throw cause;
    throw new Error(`the data directory ${directory} is in use by process ${readPid(holder)}`, {
      cause,
    });
  }
  writeFileSync(holder, `${process.pid}\n`);
  held.add(db);
  return () => {
    held.delete(db);
    db.close();
  };
}

function readPid(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "(unknown)";
  }
}
