import type { Entry } from "../log/log.ts";
import type { LiveCounter } from "./live-counter.ts";

/**
 * The videos that are watched though the log does not know them yet, until
 * their first views come. Of each number that is new, the name is asked for once.
 */
export class NewNames {
  readonly #counters = new Map<string, LiveCounter>();
  readonly #asked = new Set<number>();
  #known = 0;

  /** How many there are. */
  get size(): number {
    return this.#counters.size;
  }

  /** Adds one that had no number after all those up to `known` had been given. */
  add(counter: LiveCounter, known: number): void {
    if (this.#counters.size === 0) {
      this.#asked.clear();
      this.#known = known;
    }
    this.#counters.set(counter.name, counter);
  }

  /** Takes a name out. */
  delete(name: string): void {
    this.#counters.delete(name);
  }

  /** The numbers in these entries that may be those of new names, each once and never again. */
  numbersIn(entries: readonly Entry[], project: number): number[] {
    const numbers: number[] = [];
    for (const { project: owner, video } of entries) {
      if (owner !== project || video <= this.#known || this.#asked.has(video)) continue;
      this.#asked.add(video);
      numbers.push(video);
    }
    return numbers;
  }

  /** Takes the counter of a name out, if there is one. */
  take(name: string | undefined): LiveCounter | undefined {
    const counter = name === undefined ? undefined : this.#counters.get(name);
    if (counter !== undefined) this.#counters.delete(counter.name);
    return counter;
  }
}
