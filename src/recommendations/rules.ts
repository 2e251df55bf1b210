import {
  FeedbackKind,
  FeedbackSchema,
  type Feedback,
} from "../../gen/recommendations/v1/feedback_pb.js";
import {
  EvaluateModelRequestSchema,
  Split,
  type EvaluateModelRequest,
} from "../../gen/recommendations/v1/evaluation_pb.js";
import {
  CompareVariantsRequestSchema,
  OutcomeIntervalSchema,
  OutcomeKind,
  OutcomeSchema,
  RecordOutcomesRequestSchema,
  type OutcomeInterval,
} from "../../gen/recommendations/v1/outcome_pb.js";
import { ListInteractionsRequestSchema } from "../../gen/recommendations/v1/interaction_pb.js";
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
import { wholeMs } from "../time.ts";

/** The bounds of recommendations.v1, as its proto files give them. */

const optionalId = check.text({ max: 256 });
const requiredId = check.text({ min: 1, max: 256 });
const category = check.text({ max: 64 });
const variant = check.text({
  max: 64,
  pattern: [/^[\w.-]*$/, 'Letters, digits, and any of "._-" only.'],
});

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

const kindsOnce: check.Check<readonly FeedbackKind[]> = (kinds, path, report) => {
  check.list({ max: 6 }, check.setEnum(FeedbackKind))(kinds, path, report);
  for (const [index, kind] of kinds.entries()) {
    if (index < 6 && kinds.indexOf(kind) < index) {
      report({ field: `${path}[${index}]`, description: "It stands twice." });
    }
  }
};

const outcome = check.nested(
  check.rules(OutcomeSchema, {
    recommendationId: requiredId,
    kind: check.setEnum(OutcomeKind),
    itemId: requiredId,
    outcomeTime: check.pastTime,
  }),
);

const HOUR_MS = 3_600_000;

const wholeHour: typeof check.anyTime = (value, field, report) => {
  if (value === undefined) return;
  let isTime = true;
  check.anyTime(value, field, (violation) => {
    isTime = false;
    report(violation);
  });
  if (isTime && (value.nanos !== 0 || wholeMs(value) % HOUR_MS !== 0)) {
    report({ field, description: "Must be a whole hour of UTC, such as 2026-01-31T12:00:00Z." });
  }
};

const outcomeBounds = check.nested(
  check.rules(OutcomeIntervalSchema, { startTime: wholeHour, endTime: wholeHour }),
);

const outcomeInterval: check.Check<OutcomeInterval | undefined> = (value, path, report) => {
  outcomeBounds(value, path, report);
  const { startTime, endTime } = value ?? {};
  if (startTime && endTime && wholeMs(endTime) <= wholeMs(startTime)) {
    report({ field: `${path}.end_time`, description: "Must be after start_time." });
  }
};

const evaluationFields = check.rules(EvaluateModelRequestSchema, {
  splitTime: check.pastTime,
  maxViewers: check.integer({ min: 10, max: 100_000, zeroIsDefault: true }),
});

/** Of a request to evaluate: a time is for the split by time. */
const evaluation: check.Rules = {
  schema: EvaluateModelRequestSchema,
  check: (request: EvaluateModelRequest, path, report) => {
    if (Split[request.split] === undefined) {
      report({ field: "split", description: `There is no value ${request.split}.` });
    }
    evaluationFields.check(request as never, path, report);
    if (request.splitTime !== undefined && request.split !== Split.TIME) {
      report({ field: "split_time", description: "Only with the split SPLIT_TIME." });
    }
  },
};

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
  variant,
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
  check.rules(ListInteractionsRequestSchema, {
    userId: requiredId,
    itemId: optionalId,
    kinds: kindsOnce,
    maxResults: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
  }),
  check.rules(TrainModelRequestSchema, {}),
  check.rules(GetModelRequestSchema, {}),
  evaluation,
  check.rules(RecordOutcomesRequestSchema, {
    outcomes: check.list({ min: 1, max: 1_000 }, outcome),
  }),
  check.rules(CompareVariantsRequestSchema, {
    interval: outcomeInterval,
    baselineVariant: variant,
  }),
];
