import type { Database, Statement } from "better-sqlite3";
import type { Entry, EntryType, LogReader, LogSource } from "./log.ts";
import { openForReading } from "./schema.ts";

/** Opens a log that another thread or process writes. */
export function openLogReader(source: LogSource): LogReader {
  return new SqliteLogReader(source.file);
}

interface EntryRow {
  position: number;
  project: number;
  type: EntryType;
  time: number;
  viewer: number;
  video: number;
  view_id: string | null;
  watch_ms: number;
  country: string | null;
  device: string | null;
  referrer: string | null;
  kind: number;
  value: number;
}

class SqliteLogReader implements LogReader {
  readonly #db: Database;
  readonly #head: Statement<[], number>;
  readonly #read: Statement<[number, number], EntryRow>;

  constructor(file: string) {
    this.#db = openForReading(file);
    this.#head = this.#db.prepare<[], number>("select position from head").pluck();
    this.#read = this.#db.prepare(
      `select position, project, type, time, viewer, video, view_id, watch_ms,
              country, device, referrer, kind, value
       from entry where position > ? order by position limit ?`,
    );
  }

  async id(): Promise<string> {
    return this.#db.prepare<[], string>("select log_id from head").pluck().get() ?? "";
  }

  async position(): Promise<number> {
    return this.#head.get() ?? 0;
  }

  async read(after: number, limit: number): Promise<Entry[]> {
    return this.#read.all(after, limit).map((row) => ({
      position: row.position,
      project: row.project,
      type: row.type,
      time: row.time,
      viewer: row.viewer,
      video: row.video,
      viewId: row.view_id ?? "",
      watchMs: row.watch_ms,
      country: row.country ?? "",
      device: row.device ?? "",
      referrer: row.referrer ?? "",
      kind: row.kind,
      value: row.value,
    }));
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
