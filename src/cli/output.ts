/**
 * What the commands write. Answers go to stdout; progress, messages and errors
 * to stderr, so that a script can read stdout as it is.
 */

/** Writes lines to stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes lines to stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Ends the process quietly when the reader of its output is gone, as in `marquee top | head -1`. */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      process.exit(error.code === "EPIPE" ? 0 : 1);
    });
  }
}
