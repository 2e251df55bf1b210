import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import type { ProjectedEntry } from "../../log/log.ts";
import type { ViewChunk } from "./view-chunk.ts";

/** Appends views to the table, in chunks of columns. */
export class ViewAppender {
  readonly #appender: DuckDBAppender;
  readonly #chunk: ViewChunk;

  private constructor(appender: DuckDBAppender, chunk: ViewChunk) {
    this.#appender = appender;
    this.#chunk = chunk;
  }

  /** @param chunk where rows are gathered: nobody else's until it is closed. */
  static async on(connection: DuckDBConnection, chunk: ViewChunk): Promise<ViewAppender> {
    return new ViewAppender(await connection.createAppender("view"), chunk);
  }

  /** Takes a VIEW or an EXTEND. */
  append(entry: ProjectedEntry): void {
    this.#chunk.add(entry);
    if (this.#chunk.isFull) this.#fill();
  }

  /** Everything is in the table of the transaction after this. */
  flush(): void {
    if (!this.#chunk.isEmpty) this.#fill();
    this.#appender.flushSync();
  }

  /** Lets go of it; what was not flushed is, or is not, in the table. */
  close(): void {
    this.#chunk.clear();
    this.#appender.closeSync();
  }

  #fill(): void {
    this.#appender.appendDataChunk(this.#chunk.take());
  }
}
