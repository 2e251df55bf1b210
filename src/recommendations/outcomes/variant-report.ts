import type { Counts, VariantCounts } from "./outcome-store.ts";
import { compare, type Comparison, type Proportion } from "./proportions.ts";

/** What became of what a variant recommended. */
export interface VariantOutcomes {
  readonly variant: string;
  readonly total: Counts;
  /** By the trainedTime of the model, newest first; 0 for none. */
  readonly models: readonly { readonly trainedTime: number; readonly counts: Counts }[];
  /** With the baseline; undefined of that itself, and where either has no impressions. */
  readonly comparison: Comparison | undefined;
}

export interface VariantReport {
  /** By their names. */
  readonly variants: readonly VariantOutcomes[];
  readonly baseline: string;
}

/** As many as an answer has room for. */
const MAX_VARIANTS = 100;
const MAX_MODELS = 100;

/**
 * Adds up counts by variant, and compares each with a baseline.
 * @param baseline "" for the variant without a name, if it is there, else the
 * one with the most impressions.
 */
export function reportOf(counts: readonly VariantCounts[], baseline: string): VariantReport {
  const byVariant = Map.groupBy(counts, ({ variant }) => variant);
  const all = [...byVariant].map(([variant, models]) => ({ variant, models, total: sum(models) }));
  all.sort((a, b) => b.total.impressions - a.total.impressions || (a.variant < b.variant ? -1 : 1));
  const reference =
    all.find(({ variant }) => variant === baseline) ?? (baseline === "" ? all[0] : undefined);
  // The baseline is among them, however little it was seen.
  const shown = all.filter((one, index) => index < MAX_VARIANTS - 1 || one === reference);
  const compared = shown.filter((one) => one !== reference && one.total.impressions > 0).length;
  const variants = shown.map(({ variant, models, total }): VariantOutcomes => {
    const isBaseline = variant === reference?.variant;
    const other = isBaseline ? undefined : reference?.total;
    const comparable = other !== undefined && other.impressions > 0 && total.impressions > 0;
    return {
      variant,
      total,
      models: models
        .toSorted((a, b) => b.trainedTime - a.trainedTime)
        .slice(0, MAX_MODELS)
        .map(({ trainedTime, ...rest }) => ({ trainedTime, counts: rest })),
      comparison: comparable ? compare(rateOf(total), rateOf(other), compared) : undefined,
    };
  });
  variants.sort((a, b) => (a.variant < b.variant ? -1 : 1));
  return { variants, baseline: reference?.variant ?? "" };
}

/** The clicks of the impressions. */
export function rateOf({ clicks, impressions }: Counts): Proportion {
  return { hits: clicks, trials: impressions };
}

function sum(models: readonly Counts[]): Counts {
  const of = (get: (counts: Counts) => number): number =>
    models.reduce((total, counts) => total + get(counts), 0);
  return {
    recommendations: of((one) => one.recommendations),
    clickedRecommendations: of((one) => one.clickedRecommendations),
    impressions: of((one) => one.impressions),
    clicks: of((one) => one.clicks),
  };
}
