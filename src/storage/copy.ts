import { join } from "node:path";
import Database from "better-sqlite3";

/** The file of the state database in a data directory. */
export function stateFile(directory: string): string {
  return join(directory, "state.db");
}

/**
 * Writes a copy of a SQLite file that others may be using: as it is at one
 * moment, and without what was deleted from it. Keeps its thread until then.
 *
 * @param target a file that is not there yet.
 * @throws the error of SQLite; then there may be a part of the copy.
 */
export function copyDatabase(file: string, target: string): void {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    db.prepare("vacuum into ?").run(target);
  } finally {
    db.close();
  }
}
