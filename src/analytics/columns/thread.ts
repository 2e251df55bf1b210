import { serveThread, sendEvent, threadData } from "../../thread.ts";
import type { LogSource } from "../../log/log.ts";
import { Projector } from "../../log/projector.ts";
import { openLogReader } from "../../log/reader.ts";
import type { ColumnQueries } from "./columns.ts";
import { DuckDBColumns, type DuckDBColumnsOptions } from "./duckdb.ts";

/**
 * The thread that has the columns: it copies the log into them, and answers
 * questions. Appending ten thousand rows takes it tens of milliseconds, which
 * the thread that serves requests does not have.
 */

export interface ColumnsThreadData {
  readonly log: LogSource;
  readonly columns: DuckDBColumnsOptions;
}

/** Sent after each batch. */
export interface Projected {
  /** How far the columns are. */
  readonly position: number;
  /** How far the log was. */
  readonly head: number;
}

const data = threadData<ColumnsThreadData>();
const reader = openLogReader(data.log);
const columns = await DuckDBColumns.open(data.columns);
const projector = new Projector(reader, columns, (position, head) => {
  sendEvent({ position, head } satisfies Projected);
});
// A projection that fails ends the thread: its creator is told, and the next
// start goes on from the last position.
const running = projector.run();

const queries: ColumnQueries = columns;

const api = {
  /** The log has grown to this position. */
  advance: (head: number): void => projector.advance(head),
  /** Somebody waits for this position. */
  hurry: (position: number): void => projector.hurry(position),
  viewTotals: queries.viewTotals.bind(queries),
  topVideos: queries.topVideos.bind(queries),
  /** Finishes the batch at hand, and lets go of the files. */
  close: async (): Promise<void> => {
    projector.stop();
    await running;
    await columns.close();
    await reader.close();
  },
};

export type ColumnsApi = typeof api;

serveThread(api);
