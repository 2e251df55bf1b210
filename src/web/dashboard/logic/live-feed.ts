import type { WatchViewsResponse } from "../../../../gen/analytics/v1/live_pb.js";

/** What is known of all videos together, now. */
export interface Live {
  readonly views: number;
  readonly currentViewers: number;
  readonly position: bigint;
}

/** Whether counts come in. */
export interface Connection {
  /** Undefined before that is known. */
  readonly isConnected: boolean | undefined;
  /** How often they came again after they had not. */
  readonly returns: number;
}

/** The connection once it is known whether counts come in; the same object where nothing changes. */
export function connectionAfter<C extends Connection>(old: C, isConnected: boolean): C {
  if (old.isConnected === isConnected) return old;
  const isBack = isConnected && old.isConnected === false;
  return { ...old, isConnected, returns: old.returns + (isBack ? 1 : 0) };
}

export interface FeedOptions {
  /** Begins a stream of counts. */
  readonly open: (signal: AbortSignal) => AsyncIterable<WatchViewsResponse>;
  readonly onCounts: (live: Live) => void;
  /** Called when counts come, with true, and when they come no more. */
  readonly onConnection: (isConnected: boolean) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** The first pause before a stream is opened again, and the longest: milliseconds. */
  readonly pauses?: { readonly firstMs: number; readonly longestMs: number };
  /** After how long without a word a stream is taken for dead: the server sends one every 15 seconds. */
  readonly silenceMs?: number;
}

/** The pause after so many failures in a row: it doubles, up to the longest. */
export function pauseAfter(failures: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
}

/** Follows the counts until the signal aborts, over as many streams as it takes. */
export async function followCounts(options: FeedOptions): Promise<void> {
  const { open, onCounts, onConnection, signal, silenceMs = 40_000 } = options;
  const { firstMs, longestMs } = options.pauses ?? { firstMs: 1_000, longestMs: 30_000 };
  let failures = 0;
  while (!signal.aborted) {
    const stream = new AbortController();
    const end = (): void => stream.abort();
    signal.addEventListener("abort", end);
    let silence = setTimeout(end, silenceMs);
    try {
      for await (const { counts, position } of open(stream.signal)) {
        clearTimeout(silence);
        silence = setTimeout(end, silenceMs);
        if (signal.aborted) return;
        failures = 0;
        onConnection(true);
        const [all] = counts;
        if (all === undefined) continue;
        const { views, currentViewers } = all;
        onCounts({ views: Number(views), currentViewers: Number(currentViewers), position });
      }
    } catch {
      // Whatever it was, the next attempt shows whether it has passed.
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", end);
    }
    if (signal.aborted) return;
    onConnection(false);
    failures++;
    await pause(pauseAfter(failures, firstMs, longestMs), signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
