import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { failpoint } from "../../failpoint.ts";
import { removeDatabase, type Database } from "./database.ts";
import { interruptible } from "./interruptible.ts";
import { createTables } from "./schema.ts";

/**
 * Writes columns into a new file. DuckDB keeps the bytes of deleted rows in a
 * file, through checkpoints and new tables; in a new one they are not.
 */
export class Copy {
  readonly #connection: DuckDBConnection;
  readonly #file: string;

  private constructor(connection: DuckDBConnection, file: string) {
    this.#connection = connection;
    this.#file = file;
  }

  /**
   * Begins a copy of what there is now; what is applied later is not in it.
   *
   * @throws Error if there is no room for it.
   */
  static async begin(database: Database, source: string, file: string): Promise<Copy> {
    removeDatabase(file);
    await checkRoom(source);
    const connection = await database.connect();
    const copy = new Copy(connection, file);
    try {
      await connection.run(`attach '${file.replaceAll("'", "''")}' as copy`);
      await connection.run("begin");
      // What a transaction shows is settled by the first thing that it reads.
      await connection.run("select position from projected");
    } catch (error) {
      copy.discard();
      throw error;
    }
    return copy;
  }

  /** Writes it: nothing else has the file open after this. Rejects when the signal aborts. */
  async finish(signal: AbortSignal): Promise<void> {
    const connection = this.#connection;
    try {
      await interruptible(connection, signal, async () => {
        await connection.run(createTables("copy"));
        await connection.run("insert into copy.view select * from view");
        await connection.run(
          `insert into copy.projected
           select log_id, version, position, 0 as trimmed, false as erased from projected`,
        );
        failpoint("columns.copying");
        await connection.run("commit");
        await connection.run("checkpoint copy");
        await connection.run("detach copy");
        signal.throwIfAborted();
      });
    } catch (error) {
      this.discard();
      throw error;
    }
    connection.closeSync();
    if (existsSync(`${this.#file}.wal`)) throw new Error("the copy of the columns is not whole");
  }

  discard(): void {
    this.#connection.closeSync();
    removeDatabase(this.#file);
  }
}

/** A copy is at most as large as what it is made from. */
async function checkRoom(source: string): Promise<void> {
  const { size } = await stat(source);
  const { bavail, bsize } = await statfs(dirname(source));
  if (bavail * bsize < size) {
    throw new Error(`a copy of the columns needs ${size} bytes, and ${bavail * bsize} are free`);
  }
}
