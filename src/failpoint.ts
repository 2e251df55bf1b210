/**
 * Places at which a test can have the process die, or wait. For tests and
 * benchmarks only: MARQUEE_FAILPOINT is no setting of the server, and where it is
 * not set, nothing here costs anything.
 *
 * It is a list with commas between: `log.before-commit:7` kills the process when
 * a thread comes there for the 7th time (SIGKILL: nothing is tidied up),
 * `log.commit-delay=5ms` waits for 5 milliseconds each time.
 *
 * - log.received: an append has come, and is not yet handed to the writer.
 * - log.before-commit: all of a transaction is written but its commit.
 * - log.after-commit: it is on disk, and nobody has been told.
 * - log.before-answer: the thread that serves has been told, but no caller.
 * - log.commit-delay: waits after each commit as if the disk were slower.
 * - log.erasing, log.trimming: a piece of what is removed has gone.
 * - columns.before-apply, columns.before-commit, columns.after-commit: entries are
 *   about to be applied to the columns, have been but for the commit, or wholly.
 * - columns.copying, columns.before-swap: a new file of the columns is being
 *   written, or is about to take the place of the old one.
 * - training.read: a training has read the log.
 * - training.learning: it has done some more of its work.
 * - model.writing: a piece of a new model is written.
 * - model.before-swap, model.after-swap: the new model is on disk, and is about to
 *   take the place of the old one, or has.
 */
const setting = process.env["MARQUEE_FAILPOINT"];

/** How many times a place is still to be passed before the process dies there. */
const deaths = new Map<string, number>();
/** For how many milliseconds to wait at a place. */
const delays = new Map<string, number>();

for (const part of (setting ?? "").split(",")) {
  const [, death, times] = /^([a-z.-]+):(\d+)$/.exec(part) ?? [];
  if (death !== undefined) deaths.set(death, Number(times));
  const [, delay, ms] = /^([a-z.-]+)=([\d.]+)ms$/.exec(part) ?? [];
  if (delay !== undefined) delays.set(delay, Number(ms));
}

/** Does at this place what MARQUEE_FAILPOINT says, which is usually nothing. */
export const failpoint: (name: string) => void = setting === undefined ? pass : act;

function pass(): void {
  // There is nothing to do.
}

function act(name: string): void {
  const delay = delays.get(name);
  if (delay !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delay);
  const left = deaths.get(name);
  if (left === undefined) return;
  deaths.set(name, left - 1);
  if (left === 1) process.kill(process.pid, "SIGKILL");
}
