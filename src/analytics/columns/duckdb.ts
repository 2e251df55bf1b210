import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import {
  DuckDBInstance,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBValue,
} from "@duckdb/node-api";
import { EntryType, type Entry } from "../../log/log.ts";
import type { Columns, Span, TopCursor, VideoTotals, ViewTotals } from "./columns.ts";

export interface DuckDBColumnsOptions {
  /** The file, which is made if there is none. */
  readonly file: string;
  /** How much memory queries may take, in MiB. */
  readonly memoryMb: number;
  /** How many threads a query may use. Default: as many as there are cores. */
  readonly threads?: number;
}

const schema = `
  create table if not exists view (
    project integer not null,
    video integer not null,
    viewer integer,          -- null is nobody in particular: not counted as a viewer
    time bigint not null,    -- milliseconds since 1970
    views tinyint not null,  -- 1; of an extension 0
    watch_ms bigint not null,
    country varchar,
    device varchar,
    referrer varchar
  );
  -- The log that all of this was made from, and how far.
  create table if not exists projected (log_id varchar not null, position bigint not null);
`;

/** Counts of more than 2^53 cannot be: the log would have to hold as many entries. */
const totals = `
  coalesce(sum(views), 0)::double as views,
  count(distinct viewer)::double as unique_viewers,
  coalesce(sum(watch_ms), 0)::double as watch_ms
`;

/** Views in a DuckDB file. One process at a time, and one thread of it, may have it open. */
export class DuckDBColumns implements Columns {
  readonly #options: DuckDBColumnsOptions;
  #connection: Connection | undefined;
  #logId = "";
  #damaged = false;

  /** Opens nothing yet. */
  constructor(options: DuckDBColumnsOptions) {
    this.#options = options;
  }

  async open(logId: string): Promise<number> {
    await this.close();
    this.#logId = logId;
    if (this.#damaged) this.#setAside();
    try {
      this.#connection = await connect(this.#options);
    } catch (error) {
      if (passes(error)) throw error;
      this.#setAside();
      this.#connection = await connect(this.#options);
    }
    const [row] = await query(this.#open.writer, "select * from projected", []);
    if (row?.["log_id"] !== logId) {
      await this.reset();
      return 0;
    }
    return Number(row["position"]);
  }

  async apply(entries: readonly Entry[]): Promise<void> {
    const last = entries.at(-1);
    if (last === undefined) return;
    const { writer } = this.#open;
    await writer.run("begin");
    try {
      const appender = await writer.createAppender("view");
      try {
        for (const entry of entries) {
          if (entry.type !== EntryType.FEEDBACK) appendRow(appender, entry);
        }
      } finally {
        appender.closeSync();
      }
      await writer.run("update projected set position = $1", [BigInt(last.position)]);
      await writer.run("commit");
    } catch (error) {
      this.noteDamage(error);
      await writer.run("rollback").catch(() => {
        // The failure that matters is the first one.
      });
      throw error;
    }
  }

  async reset(): Promise<void> {
    // Deleted rows would keep their place in the file.
    await this.close();
    removeColumns(this.#options.file);
    this.#connection = await connect(this.#options);
    await this.#open.writer.run("insert into projected values ($1, 0)", [this.#logId]);
  }

  /**
   * Whether an error says that the file is damaged. If so it is set aside, and
   * made again, when it is opened next.
   */
  noteDamage(error: unknown): boolean {
    const damaged = isDamage(error);
    this.#damaged ||= damaged;
    return damaged;
  }

  async viewTotals(project: number, video: number, span: Span): Promise<ViewTotals> {
    const where = new Conditions();
    where.add("project = ?", project);
    where.add("video = ?", video);
    where.addSpan(span);
    const [row] = await query(
      this.#open.reader,
      `select ${totals} from view where ${where.sql}`,
      where.values,
    );
    return totalsOf(row as Row);
  }

  async topVideos(
    project: number,
    span: Span,
    limit: number,
    after: TopCursor | undefined,
  ): Promise<VideoTotals[]> {
    const where = new Conditions();
    where.add("project = ?", project);
    where.addSpan(span);
    const having = new Conditions();
    having.add("sum(views) > ?", 0);
    if (after !== undefined) {
      having.add(
        "(sum(views) < ? or (sum(views) = ? and video > ?))",
        after.views,
        after.views,
        after.video,
      );
    }
    // Distinct viewers are counted of the page's videos only: of all, it would
    // cost twenty times as much.
    const rows = await query(
      this.#open.reader,
      `with page as (
         select video from view where ${where.sql}
         group by video having ${having.sql}
         order by sum(views) desc, video limit ?
       )
       select video, ${totals} from view where ${where.sql} and video in (from page)
       group by video order by views desc, video`,
      [...where.values, ...having.values, limit, ...where.values],
    );
    return rows.map((row) => ({ video: Number(row["video"]), ...totalsOf(row) }));
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) disconnect(connection);
  }

  get #open(): Connection {
    if (this.#connection === undefined) throw new Error("the columns are not open");
    return this.#connection;
  }

  /** Keeps a damaged file for whoever wants to look at it: the last one. */
  #setAside(): void {
    const { file } = this.#options;
    this.#damaged = false;
    if (existsSync(file)) renameSync(file, `${file}.damaged`);
    removeColumns(file);
  }
}

/** Removes the files of a column store: it is made again from the log. */
function removeColumns(file: string): void {
  rmSync(file, { force: true });
  rmSync(`${file}.wal`, { force: true });
}

type Row = Record<string, unknown>;

interface Connection {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  readonly reader: DuckDBConnection;
}

async function connect(options: DuckDBColumnsOptions): Promise<Connection> {
  mkdirSync(dirname(options.file), { recursive: true });
  const instance = await DuckDBInstance.create(options.file, {
    memory_limit: `${options.memoryMb}MiB`,
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    // No extension is ever fetched: a server does not call out by itself.
    autoinstall_known_extensions: "false",
  });
  try {
    const writer = await instance.connect();
    await writer.run(schema);
    return { instance, writer, reader: await instance.connect() };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

function disconnect({ reader, writer, instance }: Connection): void {
  for (const part of [reader, writer, instance]) {
    try {
      part.closeSync();
    } catch {
      // One that has failed is closed already.
    }
  }
}

/** Whether what hinders an open passes by itself, or by other means than a new file. */
function passes(error: unknown): boolean {
  return /no space|too many open files|set lock|permission denied|cannot open file|memory/i.test(
    String(error),
  );
}

function isDamage(error: unknown): boolean {
  return /corrupt|checksum|read enough|serializ|valid duckdb|magic bytes/i.test(String(error));
}

function appendRow(appender: DuckDBAppender, entry: Entry): void {
  appender.appendInteger(entry.project);
  appender.appendInteger(entry.video);
  if (entry.viewer === 0) appender.appendNull();
  else appender.appendInteger(entry.viewer);
  appender.appendBigInt(BigInt(entry.time));
  appender.appendTinyInt(entry.type === EntryType.VIEW ? 1 : 0);
  appender.appendBigInt(BigInt(entry.watchMs));
  appendText(appender, entry.country);
  appendText(appender, entry.device);
  appendText(appender, entry.referrer);
  appender.endRow();
}

function appendText(appender: DuckDBAppender, value: string): void {
  if (value === "") appender.appendNull();
  else appender.appendVarchar(value);
}

function totalsOf(row: Row): ViewTotals {
  return {
    views: Number(row["views"]),
    uniqueViewers: Number(row["unique_viewers"]),
    watchMs: Number(row["watch_ms"]),
  };
}

async function query(
  connection: DuckDBConnection,
  sql: string,
  values: readonly DuckDBValue[],
): Promise<Row[]> {
  const result = await connection.runAndReadAll(sql, [...values]);
  return result.getRowObjects();
}

/** Conditions of a query, with the values that they compare to. */
class Conditions {
  readonly #conditions: string[] = [];
  readonly values: number[] = [];

  get sql(): string {
    return this.#conditions.join(" and ");
  }

  add(condition: string, ...values: number[]): void {
    this.#conditions.push(condition);
    this.values.push(...values);
  }

  addSpan(span: Span): void {
    if (span.from !== undefined) this.add("time >= ?", span.from);
    if (span.to !== undefined) this.add("time < ?", span.to);
  }
}
