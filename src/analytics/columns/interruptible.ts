import type { DuckDBConnection } from "@duckdb/node-api";

/** How often an interrupt is said again: one that comes before its query has begun is not heard. */
const AGAIN_MS = 5;

/**
 * Does some work with a connection, whose queries are interrupted when the signal
 * aborts: then they reject, and so does whoever begins another one.
 */
export async function interruptible<T>(
  connection: DuckDBConnection,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), AGAIN_MS);
  };
  signal.addEventListener("abort", interrupt);
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", interrupt);
    clearInterval(timer);
  }
}
