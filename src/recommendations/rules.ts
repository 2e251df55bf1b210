import {
  FeedbackKind,
  FeedbackSchema,
  type Feedback,
} from "../../gen/recommendations/v1/feedback_pb.js";
import {
  BatchRecommendRequestSchema,
  GetModelRequestSchema,
  ListSimilarItemsRequestSchema,
  ListTrendingItemsRequestSchema,
  RecommendRequestSchema,
  RecordFeedbackRequestSchema,
  SessionItemSchema,
  TrainModelRequestSchema,
  type Boost,
  type RecommendRequest,
  type SessionItem,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import type { FieldViolation } from "../errors.ts";
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
  checkValue(value, path, report);
};

/** Of a rating a value is required; of all else there is none. */
const checkValue: check.Check<Pick<Feedback, "kind" | "value">> = (
  { kind, value },
  path,
  report,
) => {
  const field = `${path}.value`;
  if (kind === FeedbackKind.RATING) {
    // Written so that NaN is refused too.
    if (!(value >= 1 && value <= 5)) {
      report({ field, description: `Of a rating: from 1 to 5, not ${value}.` });
    }
  } else if (value !== 0) {
    report({ field, description: `Of what is no rating: 0, not ${value}.` });
  }
};

const targets = {
  category: ["category", check.text({ min: 1, max: 64 })],
  creator: ["creator", check.text({ min: 1, max: 200 })],
  itemId: ["item_id", requiredId],
} as const;

const factor = check.number({ min: 0.1, max: 10 });

const boost: check.Check<Boost> = (value, path, report) => {
  const { target } = value;
  if (target.case === undefined) {
    const description = "Required: one of category, creator and item_id.";
    report({ field: path, description });
  } else {
    const [name, checkTarget] = targets[target.case];
    checkTarget(target.value, `${path}.${name}`, report);
  }
  factor(value.factor, `${path}.factor`, report);
};

const sessionFields = check.rules(SessionItemSchema, {
  itemId: requiredId,
  kind: (value, path, report) => {
    if (value !== FeedbackKind.UNSPECIFIED) check.setEnum(FeedbackKind)(value, path, report);
  },
});

const sessionItem: check.Check<SessionItem> = (value, path, report) => {
  sessionFields.check(value as never, path, report);
  checkValue(value, path, report);
};

const share = check.number({ min: 0, max: 1 });

const recommendRequest = check.rules(RecommendRequestSchema, {
  userId: optionalId,
  category,
  maxResults: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
  excludeIds: check.list({ max: 1_000 }, optionalId),
  boosts: check.list({ max: 100 }, boost),
  diversity: share,
  exploration: share,
  seed: check.text({ max: 128 }),
  session: check.list({ max: 500 }, sessionItem),
  contextItemId: optionalId,
});

const recommendBook = new check.RuleBook([[recommendRequest]]);

/** All that is wrong with one request of a batch; fields are named from the request on. */
export function requestViolations(request: RecommendRequest): FieldViolation[] {
  return recommendBook.violations(RecommendRequestSchema, request);
}

export const recommendationRules: readonly check.Rules[] = [
  recommendRequest,
  // What is wrong with one of them is in its answer, and ends no others.
  check.rules(BatchRecommendRequestSchema, {}),
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
