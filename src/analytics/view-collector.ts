import { DomainError } from "../errors.ts";
import type { NewView } from "../log/log.ts";
import type { CheckedViews, Rejected } from "./view-batch.ts";

/** What became of views. */
export interface Outcome {
  /** How many were logged now. */
  readonly logged: number;
  /** How many had been logged before. */
  readonly duplicates: number;
  /** Those that cannot be logged, by their places. */
  readonly rejected: readonly Rejected[];
  /** The position of the log after them. */
  readonly position: number;
}

/** How many views are appended at once, at most. */
const BATCH = 2_000;
/** How many batches may be on their way to the disk. */
const IN_FLIGHT = 4;
/** How many views of a stream may be rejected before it fails. */
const MAX_REJECTED = 1_000;
/** How many of them the error names then: it has to fit into trailers. */
const NAMED = 20;

/**
 * Collects the views of a stream whose messages may be of any size, and appends
 * what came while the disk was busy as one batch.
 */
export class ViewCollector {
  readonly #append: (views: CheckedViews) => Promise<Outcome>;
  readonly #rejected: Rejected[] = [];
  #views: NewView[] = [];
  #places: number[] = [];
  #running = 0;
  #logged = 0;
  #duplicates = 0;
  #position = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void)[] = [];

  constructor(append: (views: CheckedViews) => Promise<Outcome>) {
    this.#append = append;
  }

  /**
   * Takes views, and is fulfilled when there is room for more. Rejects when
   * views could not be appended, or too many cannot be logged.
   */
  async add({ views, places, rejected }: CheckedViews): Promise<void> {
    for (const view of views) this.#views.push(view);
    for (const place of places) this.#places.push(place);
    this.#reject(rejected);
    this.#launch();
    while (this.#failure === undefined && this.#views.length >= BATCH) await this.#change();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits for all views. Rejects as `add` does. */
  async finish(): Promise<Outcome> {
    while (this.#failure === undefined && this.#running > 0) await this.#change();
    if (this.#failure !== undefined) throw this.#failure.error;
    return {
      logged: this.#logged,
      duplicates: this.#duplicates,
      rejected: this.#rejected.toSorted((a, b) => a.index - b.index),
      position: this.#position,
    };
  }

  /** Appends what waits: at once if nothing is on its way, else only what is worth it. */
  #launch(): void {
    while (
      this.#failure === undefined &&
      this.#running < IN_FLIGHT &&
      this.#views.length >= (this.#running === 0 ? 1 : BATCH)
    ) {
      const views = this.#views.splice(0, BATCH);
      void this.#run({ views, places: this.#places.splice(0, BATCH), rejected: [] });
    }
  }

  async #run(batch: CheckedViews): Promise<void> {
    this.#running++;
    try {
      const { logged, duplicates, rejected, position } = await this.#append(batch);
      this.#logged += logged;
      this.#duplicates += duplicates;
      this.#position = Math.max(this.#position, position);
      this.#reject(rejected);
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#running--;
    this.#launch();
    const woken = this.#wake;
    this.#wake = [];
    for (const wake of woken) wake();
  }

  #reject(rejected: readonly Rejected[]): void {
    for (const one of rejected) this.#rejected.push(one);
    if (this.#rejected.length > MAX_REJECTED) this.#failure ??= { error: tooMany(this.#rejected) };
  }

  /** Fulfilled when a batch is through. */
  #change(): Promise<void> {
    return new Promise((wake) => this.#wake.push(wake));
  }
}

function tooMany(rejected: readonly Rejected[]): DomainError {
  const violations = rejected
    .toSorted((a, b) => a.index - b.index)
    .slice(0, NAMED)
    .map(({ index, field, reason }) => ({
      field: `views[${index}].${field}`,
      description: reason,
    }));
  const named = violations.slice(0, 3).map((v) => `${v.field}: ${v.description}`);
  return new DomainError(
    "invalid_argument",
    `more than ${MAX_REJECTED} views cannot be logged, the first ones: ${named.join("; ")}`,
    { reason: "INVALID_FIELD", violations },
  );
}
