import { Moved, serveThread, threadData } from "../thread.ts";
import type { FullEntry, LogSource, NameKind, ViewPage, ViewSelection } from "./log.ts";
import { NameTable } from "./names.ts";
import { SqliteLogReader } from "./reader.ts";
import { RemovalFinder } from "./removal-finder.ts";
import { openForReading } from "./schema.ts";
import { ViewReader } from "./view-reader.ts";

/** A thread that reads what may be much, so that the thread that serves requests does not. */

const db = openForReading(threadData<LogSource>().file);
const reader = new SqliteLogReader(db);
const views = new ViewReader(db);
const removals = new RemovalFinder(db);
const names = { viewer: new NameTable(db, "viewer"), video: new NameTable(db, "video") };

type MovedNumbers = Moved<Float64Array<ArrayBuffer>>;

const api = {
  /** The first `limit` entries after a position. */
  read: (after: number, limit: number): Promise<FullEntry[]> => reader.read(after, limit),
  /** The same, as in log/numbers.ts. */
  readNumbers: (after: number, limit: number): MovedNumbers =>
    moved(reader.readNumbers(after, limit)),
  /** The next views, as they are now. */
  readViews: (project: number, selection: ViewSelection, limit: number): ViewPage =>
    views.read(project, selection, limit),
  /** What viewers did: see {@link RemovalFinder.ofViewers}. */
  findOfViewers: (after: number, upTo: number, viewers: number[]): MovedNumbers =>
    moved(removals.ofViewers(after, upTo, viewers)),
  /** Views that began before a time: see {@link RemovalFinder.before}. */
  findBefore: (after: number, upTo: number, project: number, time: number): MovedNumbers =>
    moved(removals.before(after, upTo, project, time)),
  /** The numbers of the names that begin with a prefix. */
  findNames: (project: number, kind: NameKind, prefix: string): number[] =>
    names[kind].findAll(project, prefix),
  /** Lets go of the file. */
  close: (): Promise<void> => reader.close(),
};

export type ReaderApi = typeof api;

serveThread(api);

function moved(numbers: Float64Array<ArrayBuffer>): MovedNumbers {
  return new Moved(numbers, [numbers.buffer]);
}
