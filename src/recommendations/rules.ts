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
import {
  GetModelRequestSchema,
  ListSimilarItemsRequestSchema,
  ListTrendingItemsRequestSchema,
  RecommendRequestSchema,
  RecordFeedbackRequestSchema,
  TrainModelRequestSchema,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
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

export const recommendationRules: readonly check.Rules[] = [
  check.rules(RecommendRequestSchema, {
    userId: optionalId,
    category,
    maxResults: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
    excludeIds: check.list({ max: 1_000 }, optionalId),
    variant,
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
  evaluation,
  check.rules(RecordOutcomesRequestSchema, {
    outcomes: check.list({ min: 1, max: 1_000 }, outcome),
  }),
  check.rules(CompareVariantsRequestSchema, {
    interval: outcomeInterval,
    baselineVariant: variant,
  }),
];
