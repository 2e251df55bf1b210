/** After this time an interaction weighs half as much, in milliseconds: seven days. */
export const HALF_LIFE_MS = 7 * 86_400_000;

/**
 * A weight below this part of what it was taken from is a rounding error. What is
 * thirty half-lives older than what is taken back goes with it, until the next start.
 */
const ROUNDING = 1e-9;

/**
 * How much is done with each video these days: a sum of interactions that decay
 * exponentially (forward decay, Cormode et al. 2009). What is kept is the value
 * of the sum at a time of its own, so nothing needs to be aged; all sums decay
 * alike, so their order is the same at any time.
 */
export class Trending {
  /** The value of each sum at its time; 0 for nothing. */
  #values = new Float64Array(64);
  /** The time of each sum: of the latest interaction in it. */
  #times = new Float64Array(64);
  /** What {@link rank} tells, ready for who asks it of all videos. */
  #ranks = new Float64Array(64).fill(-Infinity);
  /** How many of the interactions in each sum are no views; of videos that have any. */
  readonly #opinions = new Map<number, number>();

  /** Adds views: what they weigh at a time. A view weighs 1 when it happens. */
  addViews(video: number, time: number, weight: number): void {
    this.#add(video, time, weight);
  }

  /** Adds an interaction of weight 1 that {@link dropViews} leaves alone. */
  addOpinion(video: number, time: number): void {
    this.#opinions.set(video, (this.#opinions.get(video) ?? 0) + 1);
    this.#add(video, time, 1);
  }

  /** Takes back views that were added: what they weigh at a time that is not before theirs. */
  subtractViews(video: number, time: number, weight: number): void {
    this.#subtract(video, time, weight);
  }

  /** Takes back an interaction that was added as no view. */
  subtractOpinion(video: number, time: number): void {
    const left = (this.#opinions.get(video) ?? 0) - 1;
    if (left > 0) this.#opinions.set(video, left);
    else this.#opinions.delete(video);
    this.#subtract(video, time, 1);
  }

  /**
   * Views from before a time are gone: forgets the videos with which nothing was
   * done since, as far as that was views. In the other sums the old views stay, for
   * they cannot be told from the rest: what weighs little by then fades on.
   */
  dropViews(before: number): void {
    for (let video = 0; video < this.#values.length; video++) {
      if (this.#values[video] === 0 || (this.#times[video] ?? 0) >= before) continue;
      if (!this.#opinions.has(video)) this.#set(video, 0, 0);
    }
  }

  #add(video: number, time: number, weight: number): void {
    const value = this.#values[video] ?? 0;
    const since = this.#times[video] ?? 0;
    if (value === 0 || time >= since) this.#set(video, value * decay(time - since) + weight, time);
    else this.#set(video, value + weight * decay(since - time), since);
  }

  #subtract(video: number, time: number, weight: number): void {
    const value = this.#values[video] ?? 0;
    const since = this.#times[video] ?? 0;
    const rest = value - weight * decay(since - time);
    this.#set(video, rest > value * ROUNDING ? rest : 0, since);
  }

  /**
   * What orders videos: the higher, the more is done with them. -Infinity for
   * those with which nothing was. It is the binary logarithm of the weight at
   * time 0, because the weight of what is years old may be too small for a
   * number.
   */
  rank(video: number): number {
    return this.#ranks[video] ?? -Infinity;
  }

  /**
   * The weight of a video at a time, not before that of its latest interaction:
   * above 0 for all with which something was, however long ago.
   */
  weight(video: number, now: number): number {
    const value = this.#values[video] ?? 0;
    if (value === 0) return 0;
    const weight = value * decay(Math.max(0, now - (this.#times[video] ?? 0)));
    return Math.max(weight, Number.MIN_VALUE);
  }

  #set(video: number, value: number, time: number): void {
    if (video >= this.#values.length) {
      const length = Math.max(video + 1, 2 * this.#values.length);
      this.#values = extended(this.#values, length, 0);
      this.#times = extended(this.#times, length, 0);
      this.#ranks = extended(this.#ranks, length, -Infinity);
    }
    this.#values[video] = value;
    this.#times[video] = time;
    this.#ranks[video] = value > 0 ? Math.log2(value) + time / HALF_LIFE_MS : -Infinity;
  }
}

function extended(array: Float64Array, length: number, fill: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(length).fill(fill, array.length);
  result.set(array);
  return result;
}

/** What is left of a weight of 1 after a time in milliseconds. */
export function decay(ms: number): number {
  return 2 ** (-ms / HALF_LIFE_MS);
}
