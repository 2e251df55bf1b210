import Database from "better-sqlite3";
import { openDurable } from "../storage/durable-database.ts";

/**
 * The tables of the SQLite log, one step for each version of them. Steps are
 * only ever added: the number of steps done stands in the file.
 */
const steps = [
  `
  -- Names stand once; entries hold numbers. Numbers are never used again, or an
  -- erased viewer could come back as another one.
  create table viewer (
    id integer primary key autoincrement,
    project integer not null,
    name text not null,
    unique (project, name)
  ) strict;
  create table video (
    id integer primary key autoincrement,
    project integer not null,
    name text not null,
    unique (project, name)
  ) strict;

  create table entry (
    position integer primary key,
    project integer not null,
    type integer not null,
    time integer not null,
    viewer integer not null,
    video integer not null,
    view_id text,
    watch_ms integer not null,
    -- The longest watch known of a view: entries after it may have extended it.
    longest_ms integer not null,
    -- Of a view, the position of the entry that extended it last; else its own.
    extended_at integer not null,
    country text,
    device text,
    referrer text,
    kind integer not null,
    value real not null
  ) strict;
  create unique index entry_view on entry (project, view_id) where type = 1;
  create unique index entry_feedback on entry (project, viewer, video, kind) where type = 3;

  -- Positions are never used again, even when the last entries are gone. What is
  -- made from a log keeps its id, to know whether it was made from this one.
  create table head (log_id text not null, position integer not null) strict;
  insert into head values (lower(hex(randomblob(16))), 0);
  `,
];

/**
 * Opens the log for writing, and brings its tables up to date.
 *
 * @throws Error that names the file, and says what to do.
 */
export function openForWriting(file: string): Database.Database {
  try {
    return migrated(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice =
      (cause as { code?: string }).code === "SQLITE_NOTADB" || reason.includes("malformed")
        ? ": restore it from a backup"
        : "";
    throw new Error(`the log ${file} cannot be opened: ${reason}${advice}`, { cause });
  }
}

function migrated(file: string): Database.Database {
  const db = openDurable(file);
  const version = db.pragma("user_version", { simple: true }) as number;
  if (version > steps.length) {
    db.close();
    throw new Error("it was written by a newer version of Marquee");
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(step);
      db.pragma(`user_version = ${index + 1}`);
    })();
  }
  return db;
}

/** Opens the log for reading, while another connection may be writing. */
export function openForReading(file: string): Database.Database {
  return new Database(file, { readonly: true, fileMustExist: true });
}
