import {
  FeedbackKind,
  FeedbackSchema,
  type Feedback,
} from "../../gen/recommendations/v1/feedback_pb.js";
import {
  GetModelRequestSchema,
  ListSimilarItemsRequestSchema,
  ListTrendingItemsRequestSchema,
  RecommendRequestSchema,
  RecordFeedbackRequestSchema,
  TrainModelRequestSchema,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import * as check from "../rules.ts";

/** The bounds of recommendations.v1, as its proto files give them. */

const optionalId = check.text({ max: 256 });
const requiredId = check.text({ min: 1, max: 256 });
const category = check.text({ max: 64 });

const feedbackFields = check.rules(FeedbackSchema, {
  userId: requiredId,
  itemId: requiredId,
  kind: check.setEnum(FeedbackKind),
  feedbackTime: check.pastTime,
});

const feedback: check.Check<Feedback> = (value, path, report) => {
  feedbackFields.check(value as never, path, report);
  const field = `${path}.value`;
  if (value.kind === FeedbackKind.RATING) {
    // Written so that NaN is refused too.
    if (!(value.value >= 1 && value.value <= 5)) {
      report({ field, description: `Of a rating: from 1 to 5, not ${value.value}.` });
    }
  } else if (value.value !== 0) {
    report({ field, description: `Of what is no rating: 0, not ${value.value}.` });
  }
};

export const recommendationRules: readonly check.Rules[] = [
  check.rules(RecommendRequestSchema, {
    userId: optionalId,
    category,
    maxResults: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
    excludeIds: check.list({ max: 1_000 }, optionalId),
  }),
  check.rules(ListSimilarItemsRequestSchema, {
    id: requiredId,
    maxResults: check.integer({ min: 1, max: 100, zeroIsDefault: true }),
  }),
  check.rules(ListTrendingItemsRequestSchema, {
    category,
    maxResults: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
  }),
  check.rules(RecordFeedbackRequestSchema, {
    feedback: check.list({ min: 1, max: 1_000 }, feedback),
  }),
  check.rules(TrainModelRequestSchema, {}),
  check.rules(GetModelRequestSchema, {}),
];
