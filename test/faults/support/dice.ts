/** Chance that comes from a seed, so that what it decided can be had again. */
export interface Dice {
  readonly seed: number;
  /** A whole number from 0 up to, but not including, a bound. */
  below(bound: number): number;
  /** True as often as a share from 0 to 1 says. */
  chance(share: number): boolean;
  /** One of some things. */
  oneOf<T>(things: readonly [T, ...T[]]): T;
}

/** Dice with the seed of MARQUEE_TEST_SEED, else with one of their own. They print it. */
export function throwDice(what: string): Dice {
  const seed = Number(process.env["MARQUEE_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  // oxlint-disable-next-line no-console
  console.log(`${what}: MARQUEE_TEST_SEED=${seed}`);
  let state = seed >>> 0;
  /** A linear congruential generator; its upper bits are random enough. */
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    seed,
    below,
    chance: (share) => next() < share,
    oneOf: (things) => things[below(things.length)] ?? things[0],
  };
}
