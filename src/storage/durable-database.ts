import { dirname } from "node:path";
import Database from "better-sqlite3";
import { makeDirectory } from "./directory.ts";

/**
 * Opens a SQLite file for reading and writing, or makes it and its directory.
 * A commit has synced the WAL to the disk before it returns, and what is
 * deleted is overwritten.
 *
 * @throws the error of the system or of SQLite; nothing is left open then.
 */
export function openDurable(file: string): Database.Database {
  makeDirectory(dirname(file));
  const db = new Database(file);
  try {
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.pragma("secure_delete = ON");
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}
