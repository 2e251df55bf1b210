import Database from "better-sqlite3";
import { openDurable } from "../storage/durable-database.ts";
import { isUuid, Keys } from "./view-key.ts";

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
  -- SQLite copies rows from page to page when it makes room between them, or
  -- merges pages that got empty. The copies stay where they were: what is deleted
  -- is overwritten, what was moved is not. So of the tables that have texts of
  -- viewers, no row is ever moved. Rows are added at the end, which begins new
  -- pages and leaves the old ones; they never grow; and what is removed is
  -- emptied in its place, see log/remover.ts. In their indexes there are no texts.
  create table viewer_2 (
    id integer primary key autoincrement,
    project integer not null,
    -- See log/view-key.ts. Of who was erased, neither of them is left.
    name_key blob,
    name text
  ) strict;
  insert into viewer_2 select id, project, viewer_key(project, name), name from viewer order by id;
  drop table viewer;
  alter table viewer_2 rename to viewer;
  create unique index viewer_name on viewer (project, name_key) where name_key is not null;

  create table entry_2 (
    position integer primary key,
    project integer not null,
    -- 0 of what was removed, which has nothing else.
    type integer not null,
    time integer not null,
    viewer integer not null,
    video integer not null,
    -- See log/view-key.ts; the id itself only if its key does not tell it.
    view_key blob,
    view_id text,
    watch_ms integer not null,
    country text,
    device text,
    referrer text,
    kind integer not null,
    value real not null,
    -- How far a view got, in thousandths, and how far it had got before that
    -- which extended it; null if not known.
    progress integer,
    progress_before integer,
    properties text
  ) strict;
  -- What extends a view says again where it was viewed.
  create index extension on entry (project, viewer, video, time)
    where type = 1 and extended_at > position;
  insert into entry_2
  select e.position, e.project, e.type, e.time, e.viewer, e.video,
         iif(e.type = 1, view_key(e.project, e.view_id), null),
         iif(e.type = 1 and not is_uuid(e.view_id), e.view_id, null), e.watch_ms,
         coalesce(e.country, v.country), coalesce(e.device, v.device),
         coalesce(e.referrer, v.referrer), e.kind, e.value, null, null, null
  from entry as e left join entry as v indexed by extension
    on e.type = 2 and v.type = 1 and v.extended_at > v.position and v.project = e.project
      and v.viewer = e.viewer and v.video = e.video and v.time = e.time
  group by e.position order by e.position;

  -- What became of views that were extended: their longest watch, how far they
  -- got if that is known, and the position of the entry that extended them last.
  create table extended (
    position integer primary key,
    longest_ms integer not null,
    furthest integer,
    extended_at integer not null
  ) strict;
  insert into extended
  select position, longest_ms, null, extended_at from entry
  where type = 1 and extended_at > position order by position;

  drop table entry;
  alter table entry_2 rename to entry;
  create unique index entry_view on entry (project, view_key) where type = 1;
  create unique index entry_feedback on entry (project, viewer, video, kind) where type = 3;

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

/** The codes of SQLite for a file that is none of its own, or is damaged. */
export const DAMAGED = /^SQLITE_(NOTADB|CORRUPT)/;

/**
 * Opens the log for writing, and brings its tables up to date.
 *
 * @throws Error that names the file, and says what to do.
 */
export function openForWriting(file: string): Database.Database {
  try {
    return migrated(file);
  } catch (first) {
    // What a disk gets wrong once it may get right the next time.
    if (!DAMAGED.test(codeOf(first))) throw failureOf(file, first);
  }
  try {
    return migrated(file);
  } catch (cause) {
    throw failureOf(file, cause);
  }
}

function failureOf(file: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = codeOf(cause);
  const verb = code.startsWith("SQLITE_IOERR") ? "read" : "opened";
  const advice = DAMAGED.test(code) ? ": restore it from a backup" : "";
  return new Error(`the log ${file} cannot be ${verb}: ${reason}${advice}`, { cause });
}

/** The code of an error; "" if it has none. */
export function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown } | null)?.code ?? "");
}

function migrated(file: string): Database.Database {
  const db = openDurable(file);
  try {
    for (const pragma of PRAGMAS) db.pragma(pragma);
    const version = db.pragma("user_version", { simple: true }) as number;
    if (version > steps.length) throw new Error("it was written by a newer version of Marquee");
    if (version < steps.length) migrate(db, version);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

function migrate(db: Database.Database, version: number): void {
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    if (index === 1) addFunctions(db, new Keys(readLogId(db)));
    db.transaction(() => {
      db.exec(step);
      db.pragma(`user_version = ${index + 1}`);
    })();
  }
}

/** What the second step uses. */
function addFunctions(db: Database.Database, keys: Keys): void {
  db.function("view_key", (project: number, viewId: string) => keys.view(project, viewId));
  db.function("viewer_key", (project: number, name: string) => keys.viewer(project, name));
  db.function("is_uuid", (text: string) => (isUuid(text) ? 1 : 0));
}

/** What tells a log from all others. */
export function readLogId(db: Database.Database): string {
  return db.prepare<[], string>("select log_id from head").pluck().get() ?? "";
}

/** Opens the log for reading, while another connection may be writing. */
export function openForReading(file: string): Database.Database {
  return new Database(file, { readonly: true, fileMustExist: true });
}
