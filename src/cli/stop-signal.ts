import { Failure } from "./failure.ts";

/**
 * Runs something that Ctrl-C (SIGINT) or SIGTERM ends at once: by a signal that
 * aborts then, so that it can clean up. A second one ends the process.
 *
 * @throws Failure with exit code 130 or 143 if it was interrupted.
 */
export async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let code = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (code !== 0) process.exit(code);
    code = signal === "SIGINT" ? 130 : 143;
    controller.abort(new Error("interrupted"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await run(controller.signal);
  } catch (error) {
    if (code === 0) throw error;
    throw new Failure("interrupted: nothing was kept", code);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}
