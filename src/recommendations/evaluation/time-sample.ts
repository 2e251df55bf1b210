import { randomFrom, type Random } from "../../random.ts";

/** So many times tell where their quantiles are, to half a percent. */
const SIZE = 100_000;

/** A sample of times that come one by one: Vitter's algorithm R, 1985. */
export class TimeSample {
  readonly #random: Random;
  readonly #times: number[] = [];
  #count = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  add(time: number): void {
    this.#count++;
    if (this.#times.length < SIZE) {
      this.#times.push(time);
      return;
    }
    const place = Math.floor(this.#random() * this.#count);
    if (place < SIZE) this.#times[place] = time;
  }

  /** The time before which about this share of them is; undefined of none. */
  quantile(share: number): number | undefined {
    const sorted = Float64Array.from(this.#times).toSorted();
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}
