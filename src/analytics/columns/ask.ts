import { perfectHashBits, withFastAggregates, type Facts } from "./distinct-viewers.ts";
import type { QueryValue, Row, Span } from "./columns.ts";
import type { Reader } from "./reader-pool.ts";
import type { StandingTotals } from "./standing-totals.ts";
import { readColumns, readRows } from "./rows.ts";

/** Asks SQL, all of it about one moment. */
export class Ask {
  readonly #reader: Reader;
  readonly #facts: Facts;
  /** Sums of the moment that is asked about, if there are any: only until the first thing is waited for. */
  readonly standing: StandingTotals | undefined;

  constructor(reader: Reader, facts: Facts, standing: StandingTotals | undefined) {
    this.#reader = reader;
    this.#facts = facts;
    this.standing = standing;
  }

  /**
   * The bounds of a span, less those that no row is outside of: a time that is
   * not compared is not read. Only until the first thing is waited for.
   */
  boundsOf(project: number, span: Span): Span {
    return this.standing?.covers(project, span) ? { from: undefined, to: undefined } : span;
  }

  async rows(sql: string, values: readonly QueryValue[]): Promise<Row[]> {
    return await readRows(this.#reader.connection, await this.#prepared(sql), values);
  }

  /** The columns of an answer, all of them of type INTEGER and without nulls. */
  async columns(sql: string, values: readonly QueryValue[]): Promise<Int32Array[]> {
    return await readColumns(this.#reader.connection, await this.#prepared(sql), values);
  }

  async #prepared(sql: string): Promise<string> {
    await this.#reader.setPerfectHashBits(perfectHashBits(sql, this.#facts));
    return withFastAggregates(sql, this.#facts);
  }
}
