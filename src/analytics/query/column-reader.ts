import type { Caller } from "../../caller.ts";
import type { AnsweredQueries, Answer, Asking, Row } from "../columns/columns.ts";
import { extentSql, videosSql } from "../columns/query-sql.ts";
import type { ViewQuery } from "../columns/view-query.ts";
import type { Fragment } from "./fragment.ts";

/** The columns, as far as questions about views need them. */
export type AskedColumns = Pick<AnsweredQueries, "query" | "viewRows">;

/** Asks the columns what one question of a caller takes, and knows what all of the answers cover. */
export class ColumnReader {
  readonly #columns: AskedColumns;
  readonly #caller: Caller;
  readonly #minPosition: number;
  #position = Infinity;

  constructor(columns: AskedColumns, caller: Caller, minPosition: number) {
    this.#columns = columns;
    this.#caller = caller;
    this.#minPosition = minPosition;
  }

  /** The position of the log up to which all answers so far cover it. */
  get position(): number {
    return this.#position;
  }

  /** The rows of a question; see query-sql.ts for their columns. */
  async rows(query: ViewQuery): Promise<Row[]> {
    return this.#noted(await this.#columns.viewRows(query, this.#asking()));
  }

  /** Waits until answers cover what they have to, where there is nothing else to ask. */
  async reach(): Promise<void> {
    await this.#query({ sql: "select 1", values: [] });
  }

  /** The times of the first and the last view of a question; undefined if it has none. */
  async extent(query: ViewQuery): Promise<{ first: number; last: number } | undefined> {
    const [row] = await this.#query(extentSql(query));
    const first = row?.["first"] ?? null;
    return first === null ? undefined : { first: Number(first), last: Number(row?.["last"]) };
  }

  /** The videos of a question, at most so many. */
  async videos(query: ViewQuery, limit: number): Promise<number[]> {
    const rows = await this.#query(videosSql(query, limit));
    return rows.map((row) => Number(row["video"]));
  }

  async #query({ sql, values }: Fragment): Promise<Row[]> {
    return this.#noted(await this.#columns.query(sql, values, this.#asking()));
  }

  #asking(): Asking {
    return { signal: this.#caller.signal, minPosition: this.#minPosition };
  }

  #noted<T>({ value, position }: Answer<T>): T {
    this.#position = Math.min(this.#position, position);
    return value;
  }
}
