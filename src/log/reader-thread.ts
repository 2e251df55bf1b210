import type { Database } from "better-sqlite3";
import { Moved, serveThread, threadData } from "../thread.ts";
import type { FullEntry, LogSource, NameKind, ViewPage, ViewSelection } from "./log.ts";
import { NameTable } from "./names.ts";
import { SqliteLogReader } from "./reader.ts";
import { RemovalFinder } from "./removal-finder.ts";
import { openForReading, readLogId } from "./schema.ts";
import { Keys } from "./view-key.ts";
import { ViewReader } from "./view-reader.ts";

/** A thread that reads what may be much, so that the thread that serves requests does not. */

const { file } = threadData<LogSource>();

/** What reads by one connection. */
class Room {
  readonly db: Database;
  readonly reader: SqliteLogReader;
  readonly views: ViewReader;
  readonly removals: RemovalFinder;
  readonly names: Readonly<Record<NameKind, NameTable>>;

  constructor(db: Database) {
    const keys = new Keys(readLogId(db));
    this.db = db;
    this.reader = new SqliteLogReader(db);
    this.views = new ViewReader(db, keys);
    this.removals = new RemovalFinder(db);
    this.names = {
      viewer: new NameTable(db, keys, "viewer"),
      video: new NameTable(db, keys, "video"),
    };
  }
}

let opened: Room | undefined;

/** The room, which is opened by the first call that can: one that cannot fails, and nothing else. */
function room(): Room {
  if (opened !== undefined) return opened;
  const db = openForReading(file);
  try {
    opened = new Room(db);
    return opened;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

type MovedNumbers = Moved<Float64Array<ArrayBuffer>>;

const api = {
  /** The first `limit` entries after a position. */
  read: (after: number, limit: number): Promise<FullEntry[]> => room().reader.read(after, limit),
  /** The same, as in log/numbers.ts. */
  readNumbers: (after: number, limit: number): MovedNumbers =>
    moved(room().reader.readNumbers(after, limit)),
  /** The next views, as they are now. */
  readViews: (project: number, selection: ViewSelection, limit: number): ViewPage =>
    room().views.read(project, selection, limit),
  /** What viewers did: see {@link RemovalFinder.ofViewers}. */
  findOfViewers: (after: number, upTo: number, viewers: number[]): MovedNumbers =>
    moved(room().removals.ofViewers(after, upTo, viewers)),
  /** Views that began before a time: see {@link RemovalFinder.before}. */
  findBefore: (after: number, upTo: number, project: number, time: number): MovedNumbers =>
    moved(room().removals.before(after, upTo, project, time)),
  /** Rows that can be deleted: see {@link RemovalFinder.reclaimable}. */
  findReclaimable: (after: number): MovedNumbers => moved(room().removals.reclaimable(after)),
  /** The numbers of the names that begin with a prefix. */
  findNames: (project: number, kind: NameKind, prefix: string): number[] =>
    room().names[kind].findAll(project, prefix),
  /** Lets go of the file. */
  close: (): void => {
    opened?.db.close();
  },
};

export type ReaderApi = typeof api;

serveThread(api);

function moved(numbers: Float64Array<ArrayBuffer>): MovedNumbers {
  return new Moved(numbers, [numbers.buffer]);
}
