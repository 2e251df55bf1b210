import type { Entry } from "./kind.ts";
import { refusals } from "./refusals.ts";
import { explainError } from "../../client/index.ts";

/** What a {@link Sender} does, and whom it tells. */
export interface SenderOptions<T> {
  readonly list: string;
  readonly batchSize: number;
  readonly inFlight: number;
  readonly distinct: boolean;
  /** Sends entries; answers with how many had which outcome. */
  send(messages: T[]): Promise<readonly number[]>;
  /** Some entries went in. */
  onAccepted(outcomes: readonly number[]): void;
  /** The server refused an entry. */
  onRejected(entry: Entry<T>, reason: string): void;
}

interface Batch {
  readonly keys: ReadonlySet<string>;
  /** Fulfilled when the batch is through, well or not. */
  readonly done: Promise<void>;
}

/** Values of a request longer than this, in UTF-16 units, go into the next one. */
const MAX_BATCH_LENGTH = 500_000;

/**
 * Sends entries in batches, several at once. A batch waits for those before it
 * that have a key in common with it. What the server refuses of a batch is
 * rejected, and the rest is sent again.
 */
export class Sender<T> {
  readonly #options: SenderOptions<T>;
  readonly #running = new Set<Batch>();
  #entries: Entry<T>[] = [];
  #keys = new Set<string>();
  #length = 0;
  #failure: { error: unknown } | undefined;

  constructor(options: SenderOptions<T>) {
    this.#options = options;
  }

  /**
   * Takes an entry. Returns a promise if the next one has to wait, which
   * rejects when a batch failed; most entries cost none.
   */
  add(entry: Entry<T>): Promise<void> | undefined {
    const { batchSize, distinct } = this.#options;
    let wait: Promise<void> | undefined;
    if (distinct && this.#keys.has(entry.key)) wait = this.#launch();
    this.#entries.push(entry);
    if (entry.key !== "") this.#keys.add(entry.key);
    for (const value of entry.row.values) this.#length += value.length;
    if (this.#entries.length >= batchSize || this.#length >= MAX_BATCH_LENGTH) {
      const before = wait;
      const launched = this.#launch();
      return before === undefined ? launched : before.then(() => launched);
    }
    return wait;
  }

  /** Sends what is left, and waits for all batches. Rejects with the first failure. */
  async finish(): Promise<void> {
    if (this.#failure === undefined && this.#entries.length > 0) void this.#launch();
    await Promise.all([...this.#running].map((batch) => batch.done));
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #launch(): Promise<void> | undefined {
    const entries = this.#entries;
    const keys = this.#keys;
    this.#entries = [];
    this.#keys = new Set();
    this.#length = 0;
    const before = [...this.#running].filter((batch) => overlap(keys, batch.keys));
    const done = this.#run(entries, before).finally(() => this.#running.delete(batch));
    const batch: Batch = { keys, done };
    this.#running.add(batch);
    if (this.#running.size < this.#options.inFlight && this.#failure === undefined) {
      return undefined;
    }
    return Promise.race([...this.#running].map((running) => running.done)).then(() => {
      if (this.#failure !== undefined) throw this.#failure.error;
    });
  }

  async #run(entries: Entry<T>[], before: readonly Batch[]): Promise<void> {
    try {
      for (const batch of before) await batch.done;
      if (this.#failure === undefined) await this.#deliver(entries);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  async #deliver(entries: Entry<T>[]): Promise<void> {
    const { list, send, onAccepted, onRejected } = this.#options;
    let left = entries;
    while (left.length > 0) {
      try {
        onAccepted(await send(left.map((entry) => entry.message)));
        return;
      } catch (error) {
        const refused = refusals(error, list);
        if (refused === undefined) throw error;
        const kept = left.filter((_, index) => !refused.has(index));
        if (kept.length === left.length) {
          await this.#halve(left, error);
          return;
        }
        for (const [index, reason] of refused) {
          const entry = left[index];
          if (entry !== undefined) onRejected(entry, reason);
        }
        left = kept;
      }
    }
  }

  /** The server does not say which entry it refuses: finds out. */
  async #halve(entries: Entry<T>[], error: unknown): Promise<void> {
    const [only, ...others] = entries;
    if (only !== undefined && others.length === 0) {
      this.#options.onRejected(only, explainError(error).text);
      return;
    }
    const middle = Math.ceil(entries.length / 2);
    await this.#deliver(entries.slice(0, middle));
    await this.#deliver(entries.slice(middle));
  }
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const key of a) if (b.has(key)) return true;
  return false;
}
