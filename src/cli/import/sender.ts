import type { Entry } from "./kind.ts";
import { refusals } from "./refusals.ts";
import { explainError } from "../../client/index.ts";

/** What a {@link Sender} does, and whom it tells. */
export interface SenderOptions<T> {
  readonly list: string;
  readonly batchSize: number;
  readonly inFlight: number;
  readonly distinct: boolean;
  /**
   * Sends entries; answers with how many had which outcome.
   *
   * @param refuse to be told of each entry that was refused while the others went in.
   */
  send(messages: T[], refuse: (index: number, reason: string) => void): Promise<readonly number[]>;
  /** Some entries went in. */
  onAccepted(outcomes: readonly number[]): void;
  /** The server refused an entry. */
  onRejected(entry: Entry<T>, reason: string): void;
}

/** An entry that is to be sent. */
interface Queued<T> extends Entry<T> {
  /** The one of the same key that it stands for, too, unless it is refused. */
  readonly earlier?: Queued<T>;
}

interface Batch {
  /** Each key, and where its last entry is. */
  readonly keys: ReadonlyMap<string, number>;
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
  #entries: Queued<T>[] = [];
  #keys = new Map<string, number>();
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
    const place = distinct ? this.#keys.get(entry.key) : undefined;
    const earlier = place === undefined ? undefined : this.#entries[place];
    if (place !== undefined && earlier !== undefined) {
      this.#entries[place] = { ...entry, earlier };
    } else {
      if (entry.key !== "") this.#keys.set(entry.key, this.#entries.length);
      this.#entries.push(entry);
    }
    for (const value of entry.row.values) this.#length += value.length;
    const full = this.#entries.length >= batchSize || this.#length >= MAX_BATCH_LENGTH;
    return full ? this.#launch() : undefined;
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
    this.#keys = new Map();
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

  async #run(entries: Queued<T>[], before: readonly Batch[]): Promise<void> {
    try {
      for (const batch of before) await batch.done;
      if (this.#failure === undefined) await this.#deliver(entries);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  async #deliver(entries: Queued<T>[]): Promise<void> {
    const { list, distinct, send, onAccepted, onRejected } = this.#options;
    let left = entries;
    while (left.length > 0) {
      try {
        const sent = left;
        const outcomes = await send(
          sent.map((entry) => entry.message),
          (index, reason) => onRejected(sent[index] as Queued<T>, reason),
        );
        onAccepted(distinct ? [...outcomes, countEarlier(left)] : outcomes);
        return;
      } catch (error) {
        const refused = refusals(error, list);
        if (refused === undefined) throw error;
        if (left.every((_, index) => !refused.has(index))) {
          await this.#halve(left, error);
          return;
        }
        left = left.flatMap((entry, index) => {
          const reason = refused.get(index);
          if (reason === undefined) return [entry];
          onRejected(entry, reason);
          return entry.earlier === undefined ? [] : [entry.earlier];
        });
      }
    }
  }

  /** The server does not say which entry it refuses: finds out. */
  async #halve(entries: Queued<T>[], error: unknown): Promise<void> {
    const [only, ...others] = entries;
    if (only !== undefined && others.length === 0) {
      this.#options.onRejected(only, explainError(error).text);
      if (only.earlier !== undefined) await this.#deliver([only.earlier]);
      return;
    }
    const middle = Math.ceil(entries.length / 2);
    await this.#deliver(entries.slice(0, middle));
    await this.#deliver(entries.slice(middle));
  }
}

/** How many entries others stand for. */
function countEarlier<T>(entries: readonly Queued<T>[]): number {
  let count = 0;
  for (const entry of entries) {
    for (let one = entry.earlier; one !== undefined; one = one.earlier) count++;
  }
  return count;
}

function overlap(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  for (const key of a.keys()) if (b.has(key)) return true;
  return false;
}
