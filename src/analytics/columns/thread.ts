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

/** Sent after each batch, and when one failed. */
export type ColumnsEvent =
  | {
      /** How far the columns are. */
      readonly position: number;
      /** How far the log was. */
      readonly head: number;
    }
  | {
      /** Why the columns cannot be used now. It will be tried again. */
      readonly failure: string;
    };

const data = threadData<ColumnsThreadData>();
const reader = openLogReader(data.log);
const columns = new DuckDBColumns(data.columns);
const projector = new Projector(reader, columns, {
  onApplied: (position, head) => sendEvent({ position, head } satisfies ColumnsEvent),
  onFailure: (error) => sendEvent({ failure: String(error) } satisfies ColumnsEvent),
});
const running = projector.run();

/** A question that finds the file damaged has it made again. */
function asked<Args extends unknown[], Answer>(
  question: (...args: Args) => Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  return async (...args) => {
    try {
      return await question(...args);
    } catch (error) {
      if (columns.noteDamage(error)) projector.fail(error);
      throw error;
    }
  };
}

const queries: ColumnQueries = columns;

const api = {
  /** The log has grown to this position. */
  advance: (head: number): void => projector.advance(head),
  /** Somebody waits for this position. */
  hurry: (position: number): void => projector.hurry(position),
  viewTotals: asked(queries.viewTotals.bind(queries)),
  topVideos: asked(queries.topVideos.bind(queries)),
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
