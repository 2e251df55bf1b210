import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type {
  OutcomeCountsSchema,
  VariantOutcomesSchema,
} from "../../../gen/recommendations/v1/outcome_pb.js";
import type { Recommendations } from "../../../gen/recommendations/v1/recommendations_service_pb.js";
import { callerOf } from "../../caller.ts";
import { wholeMs } from "../../time.ts";
import type { Counts } from "./outcome-store.ts";
import type { Outcomes } from "./outcomes.ts";
import { wilson } from "./proportions.ts";
import { rateOf, type VariantOutcomes } from "./variant-report.ts";

type Handlers = Pick<ServiceImpl<typeof Recommendations>, "recordOutcomes" | "compareVariants">;

/** The handlers of what becomes of recommendations. */
export function outcomeHandlers(outcomes: Outcomes): Handlers {
  return {
    async recordOutcomes(request, context) {
      return await outcomes.record(
        callerOf(context),
        request.outcomes.map(({ recommendationId, kind, itemId, outcomeTime }) => ({
          recommendationId,
          kind,
          item: itemId,
          time: outcomeTime && wholeMs(outcomeTime),
        })),
      );
    },

    async compareVariants({ interval, baselineVariant }, context) {
      const { startTime, endTime } = interval ?? {};
      const bounds = {
        from: startTime && wholeMs(startTime),
        to: endTime && wholeMs(endTime),
      };
      const report = await outcomes.compare(callerOf(context), bounds, baselineVariant);
      return { variants: report.variants.map(variantMessage), baselineVariant: report.baseline };
    },
  };
}

function variantMessage(one: VariantOutcomes): MessageInitShape<typeof VariantOutcomesSchema> {
  const { variant, total, models, comparison } = one;
  return {
    variant,
    total: countsMessage(total),
    models: models.map(({ trainedTime, counts }) => ({
      ...(trainedTime > 0 && { trainedTime: timestampFromMs(trainedTime) }),
      counts: countsMessage(counts),
    })),
    ...(comparison && {
      comparison: {
        difference: comparison.difference,
        z: comparison.z,
        pValue: comparison.pValue,
        significant: comparison.isSignificant,
      },
    }),
  };
}

function countsMessage(counts: Counts): MessageInitShape<typeof OutcomeCountsSchema> {
  const rate = rateOf(counts);
  const [low, high] = wilson(rate);
  return {
    recommendations: BigInt(counts.recommendations),
    clickedRecommendations: BigInt(counts.clickedRecommendations),
    impressions: BigInt(counts.impressions),
    clicks: BigInt(counts.clicks),
    clickThroughRate: rate.trials === 0 ? 0 : rate.hits / rate.trials,
    clickThroughRateLow: low,
    clickThroughRateHigh: high,
  };
}
