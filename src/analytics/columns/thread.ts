import { Moved, serveThread, sendEvent, threadData } from "../../thread.ts";
import type { LogSource } from "../../log/log.ts";
import { Projector } from "../../log/projector.ts";
import { openLogReader } from "../../log/reader.ts";
import type { Answer } from "./columns.ts";
import type { Compacted, CompactionFailed } from "./compactor.ts";
import { DuckDBColumns, type DuckDBColumnsOptions } from "./duckdb.ts";
import type { Arguments, QuestionName, Value } from "./questions/questions.ts";

/**
 * The thread that has the columns: it copies the log into them, and answers
 * questions. Appending ten thousand rows takes it tens of milliseconds, which
 * the thread that serves requests does not have.
 */

export interface ColumnsThreadData {
  readonly log: LogSource;
  readonly columns: DuckDBColumnsOptions;
}

/** Sent after each batch, when one failed, and of the compaction of the file. */
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
    }
  | { readonly compacted: Compacted }
  | {
      /** Why the file could not be written anew. It will be tried again. */
      readonly compactionFailure: string;
      readonly failed: CompactionFailed;
    };

const data = threadData<ColumnsThreadData>();
const reader = openLogReader(data.log);
const columns = new DuckDBColumns(data.columns, {
  onCompacted: (compacted) => sendEvent({ compacted } satisfies ColumnsEvent),
  onCompactionFailure: (error, failed) =>
    sendEvent({ compactionFailure: String(error), failed } satisfies ColumnsEvent),
  onBroken: (error) => projector.fail(error),
});
const projector = new Projector(reader, columns, {
  onApplied: (position, head) => sendEvent({ position, head } satisfies ColumnsEvent),
  onFailure: (error) => sendEvent({ failure: String(error) } satisfies ColumnsEvent),
});
const running = projector.run();

/** The questions that are being answered, by the numbers that their askers gave them. */
const asked = new Map<number, AbortController>();

const api = {
  /** The log has grown to this position. */
  advance: (head: number): void => projector.advance(head),
  /** Somebody waits for this position. */
  hurry: (position: number): void => projector.hurry(position),
  /** Answers a question. One that finds the file damaged has it made again. */
  async ask<Name extends QuestionName>(
    id: number,
    name: Name,
    args: Arguments<Name>,
  ): Promise<Moved<Answer<unknown>>> {
    const cancel = new AbortController();
    asked.set(id, cancel);
    try {
      const answer: Answer<Value<Name>> = await columns.answer(name, args, cancel.signal);
      return new Moved<Answer<unknown>>(answer, buffersOf(answer.value));
    } catch (error) {
      if (!cancel.signal.aborted && columns.noteFailure(error)) projector.fail(error);
      throw error;
    } finally {
      asked.delete(id);
    }
  },
  /** Nobody waits for the answer any more. */
  cancel: (id: number): void => asked.get(id)?.abort(),
  /** Finishes the batch at hand, and lets go of the files. */
  close: async (): Promise<void> => {
    for (const cancel of asked.values()) cancel.abort();
    projector.stop();
    await running;
    await columns.close();
    await reader.close();
  },
};

/** What of an answer is worth moving: sets of viewers. */
function buffersOf(answer: unknown): ArrayBuffer[] {
  if (!Array.isArray(answer)) return [];
  return answer.flatMap((part: Readonly<Record<string, unknown>>) =>
    Object.values(part).flatMap((value) =>
      value instanceof Int32Array && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
    ),
  );
}

export type ColumnsApi = typeof api;

serveThread(api);
