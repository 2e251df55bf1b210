import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { ViewChunk } from "./view-chunk.ts";

export interface DatabaseOptions {
  /** The file, which is made if there is none. */
  readonly file: string;
  /** How much memory it may take, in MiB. */
  readonly memoryMb: number;
  /** How many threads a query may use. Default: as many as there are cores. */
  readonly threads?: number;
  /** Whether what is stored is compressed. Default: true. */
  readonly compression?: boolean;
}

/** An open DuckDB file. One process at a time may have it open. */
export class Database {
  readonly #instance: DuckDBInstance;
  /** Where all that changes something is done. */
  readonly writer: DuckDBConnection;
  /** Where rows that are about to be appended are gathered. */
  readonly viewChunk: ViewChunk = new ViewChunk();

  private constructor(instance: DuckDBInstance, writer: DuckDBConnection) {
    this.#instance = instance;
    this.writer = writer;
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    mkdirSync(dirname(options.file), { recursive: true });
    // What a process left that was killed: parts of answers.
    rmSync(`${options.file}.tmp`, { recursive: true, force: true });
    const instance = await DuckDBInstance.create(options.file, {
      memory_limit: `${options.memoryMb}MiB`,
      ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
      // No extension is ever fetched: a server does not call out by itself.
      autoinstall_known_extensions: "false",
      // A checkpoint writes whole groups of rows anew: seldom is cheaper. But what came since the last
      // one is in memory, not compressed, and is read by a start.
      checkpoint_threshold: "64MiB",
    });
    try {
      const writer = await instance.connect();
      if (options.compression === false) await writer.run("set force_compression = 'uncompressed'");
      return new Database(instance, writer);
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /** Lets go of the file. Its other connections must be closed before. */
  close(): void {
    for (const part of [this.writer, this.#instance]) {
      try {
        part.closeSync();
      } catch {
        // One that has failed is closed already.
      }
    }
  }

  /** Lets go of a file that is about to be removed: nothing more is written to it. */
  async abandon(): Promise<void> {
    await this.writer.run("pragma disable_checkpoint_on_shutdown").catch(() => {
      // One that has failed writes nothing either.
    });
    this.close();
  }
}

/** Removes a database file and what belongs to it. */
export function removeDatabase(file: string): void {
  for (const path of [`${file}.wal`, file]) rmSync(path, { force: true });
  rmSync(`${file}.tmp`, { recursive: true, force: true });
}
