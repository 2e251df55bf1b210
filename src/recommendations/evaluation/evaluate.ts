import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { BlendedModel } from "../model/blended-model.ts";
import { encodeLearned } from "../model/encode-learned.ts";
import { learn } from "../model/learning/learn.ts";
import type { Case, Divided } from "./divide.ts";
import { Measured, metricsOf, type Metric } from "./measures.ts";
import { byCosine, byModel, Popularity, type Method } from "./methods.ts";

/** What came out of an evaluation; see Evaluation in the contract. */
export interface Evaluated {
  readonly items: number;
  readonly users: number;
  readonly interactions: number;
  readonly viewers: number;
  readonly hidden: number;
  readonly hiddenUnknown: number;
  readonly methods: readonly { readonly name: string; readonly metrics: readonly Metric[] }[];
}

/** The fewest viewers that figures say anything of. */
export const MIN_VIEWERS = 10;

export interface EvaluateOptions {
  /** The same seed and data make the same figures. */
  readonly seed: number;
  /** Told how much is done, from 0 to 1. */
  readonly onLearning?: (progress: number) => void;
  readonly onRanking?: (progress: number) => void;
}

/** How long the ranking goes on before others have their turn: viewers. */
const TURN = 50;

/**
 * Learns a model as a training does, and finds out how well it ranks what is
 * hidden, next to what it must beat; undefined if there are fewer than
 * {@link MIN_VIEWERS} to rank for.
 */
export async function evaluate(
  { interactions, cases }: Divided,
  options: EvaluateOptions,
): Promise<Evaluated | undefined> {
  if (cases.length < MIN_VIEWERS) return undefined;
  const { seed, onLearning = () => {}, onRanking = () => {} } = options;
  const { matrix, videos, users } = interactions;
  const popularity = new Popularity(interactions);
  const learned = await learn(interactions, {
    seed,
    onSearch: (done) => onLearning(0.7 * done),
    onProgress: (done) => onLearning(0.7 + 0.2 * done),
  });
  const model = new BlendedModel(encodeLearned(interactions, learned));
  const cosine = await byCosine(interactions, availableParallelism());
  onLearning(1);
  const methods: readonly (readonly [name: string, method: Method])[] = [
    ["model", byModel(model)],
    ["popularity", () => []],
    ["cosine", cosine],
  ];
  const measured = methods.map(() => new Measured(popularity, cases.length));
  for (const [index, one] of cases.entries()) {
    if (index % TURN === 0) {
      onRanking(index / cases.length);
      await setImmediate();
    }
    const known = new Set(one.known);
    for (const [place, [, method]] of methods.entries()) {
      measured[place]?.add(popularity.completed(method(one.likes, known), known), one);
    }
  }
  const metrics = metricsOf(measured, { items: videos.length, seed });
  onRanking(1);
  return {
    items: videos.length,
    users: users.length,
    interactions: matrix.columns.length,
    viewers: cases.length,
    ...hiddenOf(cases, popularity),
    methods: methods.map(([name], place) => ({ name, metrics: metrics[place] ?? [] })),
  };
}

function hiddenOf(
  cases: readonly Case[],
  popularity: Popularity,
): Pick<Evaluated, "hidden" | "hiddenUnknown"> {
  let [hidden, hiddenUnknown] = [0, 0];
  for (const one of cases) {
    hidden += one.hidden.length;
    for (const video of one.hidden) if (popularity.of(video) === 0) hiddenUnknown++;
  }
  return { hidden, hiddenUnknown };
}
