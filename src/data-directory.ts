import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { lockDirectory } from "./storage/lock.ts";

/** What is made from the log, and would not be there without one. */
const MADE_FROM_LOG = ["columns.duckdb", "models"];

/**
 * Takes the data directory for this process; see {@link lockDirectory}.
 *
 * @throws Error that says what to do, if the directory cannot be used, or if its
 * log is lost: to begin an empty one would drop what was counted from the old.
 */
export function takeDataDirectory(directory: string): () => void {
  let unlock: () => void;
  try {
    unlock = lockDirectory(directory);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the data directory cannot be used (MARQUEE_DATA_DIR): ${reason}`, { cause });
  }
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
