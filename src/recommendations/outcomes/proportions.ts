/** What the click-through rates of variants are compared by. */

/** The quantile of the normal distribution for 95 % in the middle. */
const Z_95 = 1.959_963_984_540_054;
/** The level at which a difference is significant. */
const LEVEL = 0.05;
/** So many of either kind must be expected of each for the test to hold (Cochran 1954). */
const MIN_EXPECTED = 5;

/** Some out of a number of trials. */
export interface Proportion {
  readonly hits: number;
  readonly trials: number;
}

/**
 * Between what a proportion is with 95 % confidence: the score interval
 *
 *     (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
 *
 * (E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", 1927). From 0 to 1 if there were no trials.
 */
export function wilson({ hits, trials }: Proportion): readonly [low: number, high: number] {
  if (trials === 0) return [0, 1];
  const p = hits / trials;
  const square = Z_95 ** 2 / trials;
  const middle = (p + square / 2) / (1 + square);
  const half = (Z_95 * Math.sqrt((p * (1 - p)) / trials + square / (4 * trials))) / (1 + square);
  // Of none, or of all, it ends there, but for what rounding leaves.
  return [hits === 0 ? 0 : middle - half, hits === trials ? 1 : middle + half];
}

/** How two proportions compare. */
export interface Comparison {
  /** The first less the second. */
  readonly difference: number;
  readonly z: number;
  readonly pValue: number;
  readonly isSignificant: boolean;
}

/**
 * The two-sided z-test of two proportions, both of trials:
 *
 *     z = (p1 − p2) / √(p(1 − p)(1/n1 + 1/n2)), p that of both together
 *
 * Significant if its p-value is below 0.05 / `comparisons` (Bonferroni) and both
 * have enough trials for the normal distribution to be near the real one.
 */
export function compare(one: Proportion, other: Proportion, comparisons: number): Comparison {
  const difference = one.hits / one.trials - other.hits / other.trials;
  const p = (one.hits + other.hits) / (one.trials + other.trials);
  const error = Math.sqrt(p * (1 - p) * (1 / one.trials + 1 / other.trials));
  const z = error === 0 ? 0 : difference / error;
  const pValue = twoSided(z);
  const expected = Math.min(p, 1 - p) * Math.min(one.trials, other.trials);
  return {
    difference,
    z,
    pValue,
    isSignificant: expected >= MIN_EXPECTED && pValue < LEVEL / comparisons,
  };
}

/**
 * How likely a normal variable is at least as far from 0 as z: erfc(|z| / √2), by
 * Abramowitz and Stegun (1964), 7.1.26, off by at most 1.5e-7.
 */
function twoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.327_591_1 * x);
  const series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
  const sum = series.reduce((so, coefficient) => (so + coefficient) * t, 0);
  // That of 0 comes to a little less than 1.
  return z === 0 ? 1 : Math.min(1, sum * Math.exp(-(x ** 2)));
}
