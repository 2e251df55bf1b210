import type { Comparison } from "./model/evaluation.ts";
import type { Model } from "./model/model.ts";
import type { Progress } from "./training-thread.ts";

/** How a training ended. */
export interface Outcome {
  /** The model in place: the new one, or the one before if the new one was refused. */
  readonly model: Model;
  /** The position of the log up to which the new one was learned. */
  readonly position: number;
  /** Whether the new one was refused, because it is clearly worse. */
  readonly refused: boolean;
  /** How the new one does beside the one before; undefined if there is no way to tell. */
  readonly comparison: Comparison | undefined;
}

/** A training, or what else takes as long, for all who wait for it. */
export class Training<Result = Outcome, Step = Progress> {
  /** What comes out, once it has. */
  readonly done: Promise<Result>;
  /** Whether somebody asked for it, and waits for what comes out. */
  isAsked = false;
  readonly #waiting = new Set<() => void>();
  #latest: Step | undefined;
  #ended = false;

  constructor(run: (training: Training<Result, Step>) => Promise<Result>) {
    this.done = run(this).finally(() => {
      this.#ended = true;
      this.#wake();
    });
    // Who waits is told; a training that nobody asked for has nobody.
    this.done.catch(() => {});
  }

  /** For the one who runs it: it is so far now. */
  advance(progress: Step): void {
    this.#latest = progress;
    this.#wake();
  }

  /**
   * How far it is, until it ends: always the latest, so that who is slow skips
   * some. Throws the signal's reason when that aborts, while the training goes on.
   */
  async *progress(signal: AbortSignal): AsyncGenerator<Step> {
    let told: Step | undefined;
    while (!this.#ended) {
      signal.throwIfAborted();
      if (this.#latest === undefined || this.#latest === told) {
        await this.#news(signal);
      } else {
        told = this.#latest;
        yield told;
      }
    }
  }

  /** Waits until there is something to tell, or the signal aborts. */
  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
