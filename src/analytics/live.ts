import type { Caller } from "../caller.ts";
import { serverStopping } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { LiveColumns } from "./live-base.ts";
import { LiveFeed } from "./live-feed.ts";
import { Watcher, type LiveMessage, type Pace } from "./live-watcher.ts";

export interface LiveOptions extends Partial<Pace> {
  readonly log: Log;
  readonly columns: LiveColumns;
  /** For how long somebody is a current viewer: milliseconds. Default: 5 minutes. */
  readonly currentMs?: number;
  /**
   * How long the columns may take to tell what is there, before watching fails:
   * milliseconds. Default: 10 seconds.
   */
  readonly maxWaitMs?: number;
}

/**
 * Counts as they change, for those who watch. While nobody does, it keeps
 * nothing and follows nothing; all who watch a video share its counter.
 */
export class Live {
  readonly #feed: LiveFeed;
  readonly #pace: Pace;
  readonly #ending = new AbortController();

  constructor({ log, columns, ...options }: LiveOptions) {
    const { currentMs = 5 * 60_000, maxWaitMs = 10_000 } = options;
    this.#feed = new LiveFeed({ log, columns, currentMs, maxWaitMs });
    this.#pace = {
      minIntervalMs: options.minIntervalMs ?? 250,
      heartbeatMs: options.heartbeatMs ?? 15_000,
    };
  }

  /** How many counters there are: one for each video that is watched, and one for all together. */
  get size(): number {
    return this.#feed.size;
  }

  /**
   * Watches videos, or all of them together (none): at once their counts, then
   * those that change. Whoever asks late gets the newest. Throws the reason of
   * the caller's signal when that aborts, "unavailable" when the counts cannot
   * be read or the server stops.
   */
  async *watch(caller: Caller, videos: readonly string[]): AsyncGenerator<LiveMessage> {
    const signal = AbortSignal.any([caller.signal, this.#ending.signal]);
    signal.throwIfAborted();
    const watcher = new Watcher(this.#feed, caller.project, videos, this.#pace);
    try {
      for (;;) yield await watcher.next(signal);
    } finally {
      watcher.close();
    }
  }

  /** Ends all watching with "unavailable", for a server that stops. */
  end(): void {
    this.#ending.abort(serverStopping());
  }
}
