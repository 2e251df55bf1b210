import { setImmediate } from "node:timers/promises";
import { serverStopping, unavailable } from "../errors.ts";
import type { Entry, Log } from "../log/log.ts";
import { PositionGate } from "../log/position-gate.ts";

/**
 * Follows the log from its beginning, and tells how far it is. What `apply`
 * returns is awaited before the entries count as applied.
 */
export class Follower {
  readonly #log: Log;
  readonly #apply: (entries: readonly Entry[]) => Promise<void>;
  readonly #ended = new AbortController();
  readonly #gate = new PositionGate();

  constructor(log: Log, apply: (entries: readonly Entry[]) => Promise<void>) {
    this.#log = log;
    this.#apply = apply;
  }

  /** The position up to which all entries are applied. */
  get position(): number {
    return this.#gate.position;
  }

  /** Follows until closed. Rejects if that fails; then all who wait are turned away. */
  async run(): Promise<void> {
    try {
      for await (const entries of this.#log.follow(0, this.#ended.signal)) {
        await this.#apply(entries);
        this.#gate.reach(entries.at(-1)?.position ?? this.#gate.position);
        // The beginning of the log comes batch upon batch: others have their turn between them.
        if (this.#gate.position < this.#log.position) await setImmediate();
      }
      this.#gate.fail(serverStopping());
    } catch (error) {
      this.#gate.fail(unavailable("the log cannot be read", 1_000, error));
      throw error;
    }
  }

  /**
   * Waits until all entries up to a position are applied. Rejects with the
   * signal's reason when that aborts first.
   */
  reached(position: number, signal: AbortSignal): Promise<void> {
    return this.#gate.reached(position, signal);
  }

  /** Stops following. */
  close(): void {
    this.#ended.abort();
  }
}
