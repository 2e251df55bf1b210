import { randomFrom } from "../../random.ts";

/** How often viewers are drawn anew. */
const RESAMPLES = 1_000;

/**
 * The means of columns over viewers who are drawn anew, as many as there are,
 * with replacement; all columns over the same ones, so that differences between
 * them are those of pairs. The spread of what is made of these means is that of
 * its estimate (the percentile bootstrap: Efron 1979; Efron and Tibshirani, "An
 * introduction to the bootstrap", 1993).
 * @param columns One number for each viewer, at least one.
 * @param take Called for each of the 1,000 samples; the array is good until it returns.
 */
export function resampledMeans(
  columns: readonly Float64Array[],
  seed: number,
  take: (means: readonly number[]) => void,
): void {
  const viewers = columns[0]?.length ?? 0;
  const random = randomFrom(seed);
  const times = new Uint16Array(viewers);
  const means = columns.map(() => 0);
  for (let sample = 0; sample < RESAMPLES; sample++) {
    times.fill(0);
    for (let drawn = 0; drawn < viewers; drawn++) {
      const viewer = Math.floor(viewers * random());
      times[viewer] = (times[viewer] as number) + 1;
    }
    for (const [index, column] of columns.entries()) {
      let sum = 0;
      for (let viewer = 0; viewer < viewers; viewer++) {
        sum += (times[viewer] as number) * (column[viewer] as number);
      }
      means[index] = sum / viewers;
    }
    take(means);
  }
}
