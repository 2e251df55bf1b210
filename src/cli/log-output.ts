import { destination, type DestinationStream } from "pino";

/** Held back at most: characters. */
const maxHeld = 65_536;

/** What cannot be written yet is kept up to here, and dropped beyond: bytes. */
const maxUnwritten = 16 * 1_048_576;

/** Where lines of the log go. */
export interface LogOutput extends DestinationStream {
  /** Writes what is held back. */
  flushSync(): void;
}

/**
 * Writes the lines of one turn of the event loop at once, at its end: a write
 * to a file or pipe for each line costs as much as the rest of the line. What
 * is held back when the process exits is written then.
 *
 * @param fd the file descriptor: 1 is standard output.
 */
export function logOutput(fd: number): LogOutput {
  const file = destination({ fd, sync: true, maxLength: maxUnwritten });
  // A log that cannot be written, on a full disk, must not end the server.
  file.on("error", () => {});
  let held = "";
  const flushSync = (): void => {
    if (held === "") return;
    const lines = held;
    held = "";
    file.write(lines);
  };
  process.on("exit", flushSync);
  return {
    write(line) {
      if (held === "") setImmediate(flushSync);
      held += line;
      if (held.length > maxHeld) flushSync();
    },
    flushSync,
  };
}
