import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  TrainModelResponse_Stage as Stage,
  type HeldOutMetricsSchema,
  type ModelSchema,
  type Recommendations,
  type TrainModelResponseSchema,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { callerOf } from "../caller.ts";
import { wholeMs } from "../time.ts";
import type { Evaluator } from "./evaluation/evaluator.ts";
import { evaluationHandlers } from "./evaluation/service.ts";
import { answersTo, answerTo } from "./answers.ts";
import type { HeldOut, ModelInfo } from "./model/model.ts";
import type { Outcomes } from "./outcomes/outcomes.ts";
import { outcomeHandlers } from "./outcomes/service.ts";
import { versionOf, type Recommender } from "./recommender.ts";
import type { TrainingStep } from "./recommendation.ts";
import { DEFAULT_MAX_RESULTS } from "./requests.ts";

/** How many interactions a list has that does not say. */
const DEFAULT_INTERACTIONS = 50;

/** The handlers of recommendations.v1.Recommendations. */
export function recommendationsService(
  recommender: Recommender,
  { outcomes, evaluator }: { readonly outcomes: Outcomes; readonly evaluator: Evaluator },
): ServiceImpl<typeof Recommendations> {
  return {
    ...outcomeHandlers(outcomes),
    ...evaluationHandlers(evaluator),

    async recommend(request, context) {
      // About one person: nobody between us and them may keep it.
      context.responseHeader.set("cache-control", "private, no-store");
      const caller = callerOf(context);
      return await answerTo({ recommender, outcomes }, caller, request, caller.requestId);
    },

    async *batchRecommend(requests, context) {
      context.responseHeader.set("cache-control", "private, no-store");
      yield* answersTo({ recommender, outcomes }, callerOf(context), requests);
    },

    async listSimilarItems({ id, maxResults }, context) {
      const limit = maxResults || DEFAULT_MAX_RESULTS;
      const items = await recommender.similarItems(callerOf(context), id, limit);
      return { items: items.map(({ score, ...item }) => ({ ...item, similarity: score })) };
    },

    async listTrendingItems({ category, maxResults }, context) {
      const limit = maxResults || DEFAULT_MAX_RESULTS;
      return { items: await recommender.trendingItems(callerOf(context), category, limit) };
    },

    async recordFeedback({ feedback }, context) {
      const receipt = await recommender.recordFeedback(
        callerOf(context),
        feedback.map(({ userId, itemId, kind, value, feedbackTime }) => ({
          viewer: userId,
          video: itemId,
          kind,
          value,
          time: feedbackTime && wholeMs(feedbackTime),
        })),
      );
      return { ...receipt, position: BigInt(receipt.position) };
    },

    async listInteractions({ userId, itemId, kinds, maxResults }, context) {
      // About one person: nobody between us and them may keep it.
      context.responseHeader.set("cache-control", "private, no-store");
      const limit = maxResults || DEFAULT_INTERACTIONS;
      const wanted = { user: userId, item: itemId, kinds, limit };
      const interactions = await recommender.interactions(callerOf(context), wanted);
      return {
        interactions: interactions.map(({ time, ...one }) => ({
          ...one,
          interactionTime: timestampFromMs(time),
        })),
      };
    },

    async *trainModel(_request, context) {
      for await (const step of recommender.train(callerOf(context))) yield stepMessage(step);
    },

    async getModel(_request, context) {
      return { model: modelMessage(await recommender.model(callerOf(context))) };
    },
  };
}

const stages = {
  reading: Stage.READING,
  evaluating: Stage.EVALUATING,
  learning: Stage.LEARNING,
  done: Stage.DONE,
};

function stepMessage(step: TrainingStep): MessageInitShape<typeof TrainModelResponseSchema> {
  const stage = stages[step.stage];
  if (step.stage !== "done") return { stage, progress: step.progress };
  const { model, refused, comparison } = step;
  return {
    ...{ stage, progress: 1, model: modelMessage(model), refused },
    ...(comparison && {
      comparison: {
        learned: heldOutMessage(comparison.learned),
        inPlace: heldOutMessage(comparison.inPlace),
      },
    }),
  };
}

function modelMessage(info: ModelInfo): MessageInitShape<typeof ModelSchema> {
  return {
    trainedTime: timestampFromMs(info.trainedTime),
    items: BigInt(info.items),
    users: BigInt(info.users),
    interactions: BigInt(info.interactions),
    position: BigInt(info.position),
    version: versionOf(info),
    ...(info.heldOut && { heldOut: heldOutMessage(info.heldOut) }),
  };
}

function heldOutMessage(heldOut: HeldOut): MessageInitShape<typeof HeldOutMetricsSchema> {
  return { ...heldOut, users: BigInt(heldOut.users) };
}
