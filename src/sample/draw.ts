import type { Random } from "../random.ts";

/** Draws from some values, each as often as its weight says. */
export type Draw<T> = (random: Random) => T;

/** @param weightOf not below 0, and above 0 for one value at least. */
export function drawFrom<T>(values: readonly T[], weightOf: (value: T) => number): Draw<T> {
  const sums: number[] = [];
  let sum = 0;
  for (const value of values) sums.push((sum += weightOf(value)));
  if (!(sum > 0)) throw new RangeError("there is nothing to draw from");
  return (random) => {
    const wanted = random() * sum;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return values[low] as T;
  };
}

/** Draws from pairs of a value and its weight. */
export function drawWeighted<T>(
  ...pairs: readonly (readonly [value: T, weight: number])[]
): Draw<T> {
  const draw = drawFrom(pairs, ([, weight]) => weight);
  return (random) => draw(random)[0];
}

/** A number around 0, normally distributed with a standard deviation of 1 (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A number around a median, whose logarithm is normally distributed. */
export function logNormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random));
}

/** 32 bits that a text always has (FNV-1a): seeds that do not depend on what else is drawn. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
