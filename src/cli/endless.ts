import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { explainError } from "../client/index.ts";
import { say } from "./output.ts";

/** How long to wait before a stream that broke is opened again, at first and at last: milliseconds. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 4_000;

/**
 * Reads a stream that has no end, until Ctrl-C (SIGINT) or SIGTERM ends it. When
 * it breaks because the server stops or is gone, it is opened again until that
 * works, and both are said on stderr; but not before the first message has come.
 *
 * @param open opens the stream, for the first time or again.
 * @param take takes a message; true ends it.
 */
export async function readEndless<M>(
  url: string,
  open: (signal: AbortSignal) => AsyncIterable<M>,
  take: (message: M) => boolean | Promise<boolean>,
): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  const { signal } = stop;
  let hasBegun = false;
  let isBroken = false;
  let retryMs = RETRY_MS;
  try {
    while (!signal.aborted) {
      try {
        for await (const message of open(signal)) {
          if (isBroken) say(`marquee: connected to ${url} again`);
          hasBegun = true;
          isBroken = false;
          retryMs = RETRY_MS;
          if ((await take(message)) || signal.aborted) return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!hasBegun || !mayPass(error)) throw error;
      }
      if (!isBroken) say(`marquee: ${url} is gone; connecting again until it is back`);
      isBroken = true;
      await sleep(retryMs, undefined, { signal }).catch(() => {});
      retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
    }
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

function mayPass(error: unknown): boolean {
  const { code, connectionFailed } = explainError(error);
  return connectionFailed || code === Code.Unavailable;
}
