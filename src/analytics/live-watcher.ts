import type { LiveCounter, LiveCounts } from "./live-counter.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { LiveProject } from "./live-project.ts";

/** What a watcher is told. */
export interface LiveMessage {
  /** Whether it has all counts, not only those that have changed since the one before. */
  readonly snapshot: boolean;
  readonly counts: readonly LiveCounts[];
  /** The counts cover the log up to this position. */
  readonly position: number;
}

/** How often a watcher is told something. */
export interface Pace {
  /** Not more often than this: milliseconds. */
  readonly minIntervalMs: number;
  /** After so long without a message, an empty one: milliseconds. */
  readonly heartbeatMs: number;
}

/**
 * Somebody who watches counters. It keeps nothing but what it told last: the
 * next message is made when it is asked for, of what there is then.
 */
export class Watcher {
  readonly #feed: LiveFeed;
  readonly #project: LiveProject;
  readonly #pace: Pace;
  readonly #counters: readonly LiveCounter[];
  /** The step up to which everything was told; -1 before the first message. */
  #toldAt = -1;
  #sentAt = -Infinity;

  /** @param names of videos; none for all together. */
  constructor(feed: LiveFeed, projectId: number, names: readonly string[], pace: Pace) {
    this.#feed = feed;
    this.#pace = pace;
    this.#project = feed.project(projectId);
    this.#counters = (names.length > 0 ? names : [""]).map((name) => this.#project.take(name));
  }

  /** The next message, once it is due. Rejects with the signal's reason when that aborts. */
  async next(signal: AbortSignal): Promise<LiveMessage> {
    for (;;) {
      signal.throwIfAborted();
      for (const { failure } of this.#counters) if (failure !== undefined) throw failure;
      if (this.dueAt() <= performance.now()) return this.#message();
      await this.#feed.alarm.sleep(this, signal);
    }
  }

  /** When to ask whether there is a message; at that time, when it is past, there is one. */
  dueAt(): number {
    const heartbeatAt = this.#toldAt < 0 ? Infinity : this.#sentAt + this.#pace.heartbeatMs;
    if (this.#feed.newsAt <= this.#toldAt) return heartbeatAt;
    // Nothing is looked through before it may be told.
    const soonest = this.#sentAt + this.#pace.minIntervalMs;
    if (soonest > performance.now()) return Math.min(heartbeatAt, soonest);
    let isNews = false;
    for (const { failure, isReady, basedAt, changedAt } of this.#counters) {
      if (failure !== undefined) return 0;
      if (!isReady) return heartbeatAt;
      if (changedAt > this.#toldAt || basedAt > this.#toldAt) isNews = true;
    }
    return isNews ? 0 : heartbeatAt;
  }

  /** Watches no more. */
  close(): void {
    for (const counter of this.#counters) this.#project.release(counter);
    this.#feed.tidy();
  }

  #message(): LiveMessage {
    const { position, step } = this.#feed;
    const told = this.#toldAt;
    const now = performance.now();
    this.#sentAt = now;
    // Until all of them are ready, the stream can only say that it lives.
    if (!this.#counters.every(({ isReady }) => isReady)) {
      return { snapshot: false, counts: [], position };
    }
    this.#toldAt = step;
    const snapshot = this.#counters.some(({ basedAt }) => basedAt > told);
    const counts = this.#counters
      .filter(({ changedAt }) => snapshot || changedAt > told)
      .map((counter) => counter.counts);
    return { snapshot, counts, position };
  }
}
