import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { temporaryDirectory } from "../../support/directory.ts";

/** How many rows the columns of a directory have whose server has died. */
export async function columnRows(directory: string): Promise<number> {
  // A copy, as to open it would tidy it up.
  const file = join(await temporaryDirectory(), "columns.duckdb");
  await copyFile(join(directory, "columns.duckdb"), file);
  await copyFile(join(directory, "columns.duckdb.wal"), `${file}.wal`).catch(() => {});
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll("select count(*)::integer from view");
    return Number(reader.getRows()[0]?.[0]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
