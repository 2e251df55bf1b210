import { meanDifference, type Quality } from "../metrics.ts";
import type { Cases } from "./judging.ts";
import type { Targets } from "./neighbours.ts";
import type { SharedMatrix } from "./shared-matrix.ts";
import type { Team } from "./team.ts";

/** What settings are tried on. */
export interface Trial {
  readonly team: Team;
  readonly matrix: SharedMatrix;
  /** What is hidden is among the targets, if there are some. */
  readonly cases: Cases;
  /** Where there are many items: those which alone are explained and ranked. */
  readonly targets: Targets | undefined;
  readonly seed: number;
}

/** NDCG@100 of each case. */
export type Marks = readonly number[];

export const marksOf = (qualities: readonly Quality[]): Marks =>
  qualities.map((quality) => quality.ndcgAt100);

/**
 * A change of settings must gain so many standard errors: chance is no reason. More
 * would be too many, since most changes that help gain little.
 */
const GAIN = 0.25;

/** Whether marks are better than others by so many standard errors of the difference. */
export function beats(marks: Marks, others: Marks, errors: number = GAIN): boolean {
  const { mean, error } = meanDifference(marks, others);
  return mean > errors * error;
}
