import { dirname, join } from "node:path";
import { setImmediate } from "node:timers";
import { Moved, serveThread, threadData } from "../thread.ts";
import type { Step, Written } from "./append.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { PendingErasure } from "./erasure-writer.ts";
import type { LogSource } from "./log.ts";
import { openForWriting } from "./schema.ts";
import { LogWriter } from "./writer.ts";

/** The one thread that writes the log: commits wait for the disk here. */

const { file } = threadData<LogSource>();
const db = openForWriting(file);
const checkpoints = new Checkpoints(db);
const writer = new LogWriter(db, join(dirname(file), "erasures.jsonl"));

const api = {
  /** The id of the log, the position of its last entry, and what is left to remove from it. */
  head: (): { id: string; position: number; erasures: PendingErasure[] } => ({
    id: writer.id,
    position: writer.position,
    erasures: writer.pendingErasures(),
  }),
  /** Does all of the steps, on disk when it returns, or none. */
  write: (steps: readonly Step[]): Moved<Written> => {
    const written = writer.write(steps);
    // After it is answered.
    setImmediate(() => checkpoints.moveIfMuch());
    return new Moved(written, [written.receipts.buffer, written.entries.buffer]);
  },
  /** Leaves nothing on disk of what was removed; false if somebody was reading: try again. */
  emptyWal: (): boolean => checkpoints.empty(),
  /** Lets go of the file. */
  close: (): void => {
    db.close();
  },
};

export type WriterApi = typeof api;

serveThread(api);
