import { open, rename, rm } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type { ExportedView } from "../../gen/analytics/v1/export_pb.js";
import { partial, TextFile, type Sink } from "./export-sink.ts";
import { rawText } from "./export-text.ts";

/** The columns of the file, in their order, with the types that DuckDB has for them. */
const COLUMNS = {
  view_id: "varchar",
  video_name: "varchar",
  viewer_id: "varchar",
  start_time: "timestamp with time zone",
  watch_ms: "bigint",
  progress: "double",
  country: "varchar",
  device: "varchar",
  referrer: "varchar",
  properties: "varchar",
  bot: "boolean",
  position: "bigint",
} as const;

/** What making the file may take of memory, whatever its size. */
const MEMORY = "512MB";

/**
 * A Parquet file. The views go into a file of text first, so that memory is
 * bounded, and columns are as long as they can be; DuckDB makes the rest of it.
 */
export class ParquetFile implements Sink {
  readonly #path: string;
  readonly #rows: string;
  readonly #text: TextFile;

  private constructor(path: string, rows: string, text: TextFile) {
    this.#path = path;
    this.#rows = rows;
    this.#text = text;
  }

  static async open(path: string): Promise<ParquetFile> {
    const rows = `${partial(path)}.rows`;
    return new ParquetFile(path, rows, await TextFile.open(rows, rawText(Object.keys(COLUMNS))));
  }

  write(views: readonly ExportedView[]): Promise<void> {
    return this.#text.write(views);
  }

  async finish(): Promise<void> {
    await this.#text.finish();
    await convert(this.#rows, partial(this.#path));
    const file = await open(partial(this.#path), "r+");
    await file.sync();
    await file.close();
    await rename(partial(this.#path), this.#path);
    await rm(this.#rows);
  }

  async abandon(): Promise<void> {
    await this.#text.abandon();
    await rm(this.#rows, { force: true });
    await rm(partial(this.#path), { force: true });
  }
}

async function convert(rows: string, target: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: MEMORY, threads: "2" });
  try {
    const connection = await instance.connect();
    const types = Object.entries(COLUMNS).map(([name, type]) => `'${name}': '${type}'`);
    await connection.run(`
      copy (
        select * replace (cast(properties::json as map(varchar, varchar)) as properties)
        from read_csv(
          ${literal(rows)}, header = false, auto_detect = false, delim = ',', quote = '"',
          escape = '"', new_line = '\\n', columns = {${types.join(", ")}}
        )
      ) to ${literal(target)} (format parquet, compression zstd)
    `);
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
