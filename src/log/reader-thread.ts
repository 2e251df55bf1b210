import { serveThread, threadData } from "../thread.ts";
import type { Entry, LogSource } from "./log.ts";
import { openLogReader } from "./reader.ts";

/** A thread that reads old entries, so that the thread that serves requests does not. */

const reader = openLogReader(threadData<LogSource>());

const api = {
  /** The first `limit` entries after a position. */
  read: (after: number, limit: number): Promise<Entry[]> => reader.read(after, limit),
  /** Lets go of the file. */
  close: (): Promise<void> => reader.close(),
};

export type ReaderApi = typeof api;

serveThread(api);
