import type { Caller } from "../../caller.ts";
import type { AnsweredQueries, Row } from "../columns/columns.ts";
import { extentSql, videosSql } from "../columns/query-sql.ts";
import type { ViewQuery } from "../columns/view-query.ts";
import type { Fragment } from "./fragment.ts";

/** Asks the columns what one question of a caller takes, and knows what all of the answers cover. */
export class ColumnReader {
  readonly #columns: Pick<AnsweredQueries, "query">;
  readonly #caller: Caller;
  readonly #minPosition: number;
  #position = Infinity;

  constructor(columns: Pick<AnsweredQueries, "query">, caller: Caller, minPosition: number) {
    this.#columns = columns;
    this.#caller = caller;
    this.#minPosition = minPosition;
  }

  /** The position of the log up to which all answers so far cover it. */
  get position(): number {
    return this.#position;
  }

  async query({ sql: text, values }: Fragment): Promise<Row[]> {
    const { value, position } = await this.#columns.query(text, values, {
      signal: this.#caller.signal,
      minPosition: this.#minPosition,
    });
    this.#position = Math.min(this.#position, position);
    return value;
  }

  /** Waits until answers cover what they have to, where there is nothing else to ask. */
  async reach(): Promise<void> {
    await this.query({ sql: "select 1", values: [] });
  }

  /** The times of the first and the last view of a question; undefined if it has none. */
  async extent(query: ViewQuery): Promise<{ first: number; last: number } | undefined> {
    const [row] = await this.query(extentSql(query));
    const first = row?.["first"] ?? null;
    return first === null ? undefined : { first: Number(first), last: Number(row?.["last"]) };
  }

  /** The videos of a question, at most so many. */
  async videos(query: ViewQuery, limit: number): Promise<number[]> {
    const rows = await this.query(videosSql(query, limit));
    return rows.map((row) => Number(row["video"]));
  }
}
