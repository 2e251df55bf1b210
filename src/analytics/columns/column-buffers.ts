import { BIGINT, VARCHAR, type DuckDBType } from "@duckdb/node-api";
import duckdb, { type Vector } from "@duckdb/node-bindings";

/**
 * The values of columns on their way into a chunk of DuckDB, each column laid out
 * as a vector of DuckDB is and copied there in one piece. The vectors of
 * `@duckdb/node-api` take values one by one, and three times as long.
 */

/** How many rows a chunk of DuckDB has at most. */
export const CHUNK_ROWS: number = duckdb.vector_size();

/** The values of one column, of which there is one for each row from 0 up. */
export interface ColumnBuffer {
  /** The type of the column. */
  readonly type: DuckDBType;
  /** Copies the values of so many rows into a vector of a chunk. */
  copyTo(vector: Vector, rows: number): void;
  /** Forgets the values. */
  clear(): void;
}

/** Which rows have a value. */
class Validity {
  readonly #bits = new Uint8Array(Math.ceil(CHUNK_ROWS / 64) * 8).fill(0xff);
  #hasNulls = false;

  setNull(row: number): void {
    this.#hasNulls = true;
    const byte = row >>> 3;
    this.#bits[byte] = (this.#bits[byte] as number) & ~(1 << (row & 7));
  }

  copyTo(vector: Vector): void {
    if (!this.#hasNulls) return;
    duckdb.vector_ensure_validity_writable(vector);
    duckdb.copy_data_to_vector_validity(vector, 0, this.#bits.buffer, 0, this.#bits.byteLength);
  }

  clear(): void {
    if (this.#hasNulls) this.#bits.fill(0xff);
    this.#hasNulls = false;
  }
}

type Integers = Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** A column of integers that have up to 32 bits. */
export class IntegerBuffer implements ColumnBuffer {
  readonly type: DuckDBType;
  readonly #items: Integers;
  readonly #validity = new Validity();

  /** @param items room for CHUNK_ROWS integers, as wide as the type is. */
  constructor(type: DuckDBType, items: Integers) {
    this.type = type;
    this.#items = items;
  }

  set(row: number, value: number): void {
    this.#items[row] = value;
  }

  setNull(row: number): void {
    this.#validity.setNull(row);
  }

  copyTo(vector: Vector, rows: number): void {
    const { buffer, BYTES_PER_ELEMENT } = this.#items;
    duckdb.copy_data_to_vector(vector, 0, buffer, 0, rows * BYTES_PER_ELEMENT);
    this.#validity.copyTo(vector);
  }

  clear(): void {
    this.#validity.clear();
  }
}

const TWO_32 = 0x1_0000_0000;

/** A column of integers that are safe to be numbers, in 64 bits. None is null. */
export class BigintBuffer implements ColumnBuffer {
  readonly type: DuckDBType = BIGINT;
  /** The lower half of each, and the upper one: no bigint has to be made. */
  readonly #words = new Int32Array(2 * CHUNK_ROWS);

  set(row: number, value: number): void {
    this.#words[2 * row] = value;
    this.#words[2 * row + 1] = Math.floor(value / TWO_32);
  }

  copyTo(vector: Vector, rows: number): void {
    duckdb.copy_data_to_vector(vector, 0, this.#words.buffer, 0, rows * 8);
  }

  clear(): void {}
}

/** A text in a vector: its length, and then its bytes, if it has so few of them. */
const TEXT_BYTES = 16;
const LENGTH_BYTES = 4;
const MAX_INLINE = TEXT_BYTES - LENGTH_BYTES;

/** A column of texts. */
export class TextBuffer implements ColumnBuffer {
  readonly type: DuckDBType = VARCHAR;
  readonly #bytes = new Uint8Array(CHUNK_ROWS * TEXT_BYTES);
  readonly #validity = new Validity();
  /** The texts that DuckDB has to store elsewhere, and their rows. */
  readonly #rows: number[] = [];
  readonly #texts: string[] = [];

  /** "" is null. */
  set(row: number, text: string): void {
    if (text === "") this.#validity.setNull(row);
    else if (!this.#setInline(row, text)) {
      this.#rows.push(row);
      this.#texts.push(text);
    }
  }

  copyTo(vector: Vector, rows: number): void {
    duckdb.copy_data_to_vector(vector, 0, this.#bytes.buffer, 0, rows * TEXT_BYTES);
    for (const [index, row] of this.#rows.entries()) {
      duckdb.vector_assign_string_element(vector, row, this.#texts[index] as string);
    }
    this.#validity.copyTo(vector);
  }

  clear(): void {
    this.#validity.clear();
    this.#rows.length = 0;
    this.#texts.length = 0;
  }

  #setInline(row: number, text: string): boolean {
    const { length } = text;
    if (length > MAX_INLINE) return false;
    const start = row * TEXT_BYTES;
    const bytes = this.#bytes;
    bytes[start] = length;
    // What follows a text has to be 0: DuckDB compares all of the bytes.
    for (let index = 0; index < MAX_INLINE; index++) {
      const code = index < length ? text.charCodeAt(index) : 0;
      if (code > 0x7f) return false;
      bytes[start + LENGTH_BYTES + index] = code;
    }
    return true;
  }
}
