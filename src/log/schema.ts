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
  `
  -- How far a view got, in thousandths, and how far it had got before that which
  -- extended it; null if not known. Of a view, the furthest known: null if none
  -- extended it.
  alter table entry add column progress integer;
  alter table entry add column progress_before integer;
  alter table entry add column furthest integer;
  alter table entry add column properties text;
  -- From here on, a view that was never extended has 0 for longest_ms and
  -- extended_at, and what extends a view says again where it was viewed.
  create index extension on entry (project, viewer, video, time) where type = 2;
  update entry set country = v.country, device = v.device, referrer = v.referrer
  from (
    select project, viewer, video, time, country, device, referrer from entry
    where type = 1 and extended_at > position
  ) as v
  where entry.type = 2 and entry.project = v.project and entry.viewer = v.viewer
    and entry.video = v.video and entry.time = v.time;
  drop index extension;

  -- Which lines of erasures.jsonl have been applied to this log.
  create table erasure_line (id text primary key) strict, without rowid;

  -- The erasures of which something is left to remove.
  create table erasure (
    -- Of the ERASE entry.
    position integer primary key,
    viewer integer not null unique,
    -- As in erasures.jsonl.
    digest text not null,
    -- Up to where their entries have been removed, and how many.
    removed_up_to integer not null,
    views integer not null,
    feedback integer not null
  ) strict;

  -- The TRIM entries.
  create table trim (
    position integer primary key,
    project integer not null,
    time integer not null
  ) strict;
  `,
];

const PRAGMAS = [
  // View ids are random more often than not, so that each view changes another
  // page of their index: 64 MiB of them stay in memory.
  "cache_size = -65536",
  // The writer does it, see log/checkpoints.ts: here it would come before the
  // callers are answered.
  "wal_autocheckpoint = 0",
  // What a long read made the WAL grow beyond this is given back.
  "journal_size_limit = 134217728",
  // An INSERT of many rows keeps what it changed, to undo it: not in a file.
  "temp_store = MEMORY",
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
  for (const pragma of PRAGMAS) db.pragma(pragma);
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
