import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { lockDirectory } from "./storage/lock.ts";

/** What is made from the log, and would not be there without one. */
const MADE_FROM_LOG = ["columns.duckdb", "models"];

/** Is there while data are being replaced by a backup: they may be half of it. */
export const RESTORING = "restore.running";
/** Where a backup is gathered before that. */
export const GATHERING = "restore.tmp";

/**
 * Takes the data directory for this process; see {@link lockDirectory}.
 *
 * @throws Error that says what to do, if the directory cannot be used, if a restore
 * of it has not come to its end, or if its log is lost: to begin an empty one
 * would drop what was counted from the old.
 */
export function takeDataDirectory(directory: string): () => void {
  let unlock: () => void;
  try {
    unlock = lockDirectory(directory);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the data directory cannot be used (MARQUEE_DATA_DIR): ${reason}`, { cause });
  }
  if (existsSync(join(directory, RESTORING))) {
    unlock();
    throw new Error(
      `a restore of ${directory} was interrupted: run \`marquee restore\` again, with --replace`,
    );
  }
  // What a restore has left that did not come far: it may know who was erased since.
  rmSync(join(directory, GATHERING), { recursive: true, force: true });
  const left = MADE_FROM_LOG.filter((name) => isThere(join(directory, name)));
  if (!isThere(join(directory, "log.db")) && left.length > 0) {
    unlock();
    throw new Error(
      `there is no log.db in ${directory}, but what was made from it is: ${left.join(", ")}; ` +
        "restore it from a backup, or move these away to begin anew",
    );
  }
  return unlock;
}

/** Whether there is something in it: a file that was cut to nothing is as good as none. */
function isThere(path: string): boolean {
  if (!existsSync(path)) return false;
  const stat = statSync(path);
  return stat.isDirectory() ? readdirSync(path).length > 0 : stat.size > 0;
}
