import { serveThread, threadData } from "../thread.ts";
import type { LogSource } from "./log.ts";
import { openForWriting } from "./schema.ts";
import { LogWriter, type Append, type Written } from "./writer.ts";

/** The one thread that writes the log: commits wait for the disk here. */

const db = openForWriting(threadData<LogSource>().file);
const writer = new LogWriter(db);

const api = {
  /** The id of the log, and the position of its last entry. */
  head: (): { id: string; position: number } => ({ id: writer.id, position: writer.position }),
  /** Writes all of the appends, on disk when it returns, or none. */
  write: (appends: readonly Append[]): Written => writer.write(appends),
  /** Lets go of the file. */
  close: (): void => {
    db.close();
  },
};

export type WriterApi = typeof api;

serveThread(api);
