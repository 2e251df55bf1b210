import { startChild } from "../child.ts";
import type { Load, LoadPlace, LoadResult } from "./load.ts";

/** What the process that loads a server with streams is asked for. */
export interface StreamJob {
  /** "list": streams that the server fills. "chat": messages back and forth on streams that stay open. */
  readonly kind: "list" | "chat";
  readonly base: string;
  /** Streams of "list", round trips of "chat". */
  readonly calls: number;
}

/** Connections and, on each of them, streams at once. */
export const streamConcurrency = {
  list: { connections: 4, streams: 4 },
  chat: { connections: 4, streams: 16 },
} as const;

/** Starts the process of the load, which stays for all runs, so that it gets warm, too. */
export async function createStreamLoad(
  base: string,
  kind: StreamJob["kind"],
  { core }: LoadPlace,
): Promise<Load> {
  const child = await startChild(new URL("stream-main.ts", import.meta.url), { core });
  return {
    async run(calls) {
      const job: StreamJob = { kind, base, calls };
      return (await child.ask(job)) as LoadResult;
    },
    stop: () => child.stop(),
  };
}
