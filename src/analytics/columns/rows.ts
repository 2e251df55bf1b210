import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import accessors from "@duckdb/node-api/lib/vectors/dataAccessors.js";
import type { QueryValue, Row } from "./columns.ts";

// Its own decoder takes U+FEFF at the beginning of a text for a byte order mark,
// and leaves it out: then two values that differ in it look the same.
Object.assign(accessors, { textDecoder: new TextDecoder("utf-8", { ignoreBOM: true }) });

/** Runs a statement, and reads its rows. */
export async function readRows(
  connection: DuckDBConnection,
  sql: string,
  values: readonly QueryValue[] = [],
): Promise<Row[]> {
  const result = await connection.runAndReadAll(sql, values.map(parameter));
  const names = result.deduplicatedColumnNames();
  return result.getRowsJS().map((row) => rowOf(names, row));
}

function rowOf(names: readonly string[], values: readonly unknown[]): Row {
  const row: Record<string, Row[string]> = {};
  for (const [index, name] of names.entries()) row[name] = plain(values[index]);
  return row;
}

/** @throws Error for what is neither a number, a text, true nor false. */
function plain(value: unknown): Row[string] {
  switch (typeof value) {
    case "bigint":
      return Number(value);
    case "number":
    case "string":
    case "boolean":
      return value;
    default:
      if (value === null) return null;
      throw new Error("an answer has a value that is neither a number nor a text");
  }
}

/** A number of a row; 0 for null, which is what a sum of no rows is. */
export function numberOf(row: Row | undefined, column: string): number {
  return Number(row?.[column] ?? 0);
}

/** The columns of an answer, all of them of type INTEGER and without nulls. */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  values: readonly QueryValue[],
): Promise<Int32Array[]> {
  const result = await connection.runAndReadAll(sql, values.map(parameter));
  return result.getColumns().map((column) => Int32Array.from(column, Number));
}

/** A whole number is one for DuckDB as well, not a DOUBLE. */
function parameter(value: QueryValue): DuckDBValue {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}
