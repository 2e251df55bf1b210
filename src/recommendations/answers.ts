import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  BatchRecommendRequest,
  BatchRecommendResponseSchema,
  RecommendRequest,
  RecommendResponseSchema,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import type { Caller } from "../caller.ts";
import { DomainError, invalidField, invalidFields } from "../errors.ts";
import { orAborted } from "../wire/abortable.ts";
import { ownTurn } from "../wire/turn.ts";
import type { Outcomes } from "./outcomes/outcomes.ts";
import { versionOf, type Recommender } from "./recommender.ts";
import { optionsOf } from "./requests.ts";
import { requestViolations } from "./rules.ts";

type Answer = MessageInitShape<typeof BatchRecommendResponseSchema>;

/** What answers are made with. */
export interface Answerers {
  readonly recommender: Recommender;
  readonly outcomes: Outcomes;
}

/** Answers one request; exploration draws by the seed, unless the request has one. */
export async function answerTo(
  { recommender, outcomes }: Answerers,
  caller: Caller,
  request: RecommendRequest,
  seed: string,
): Promise<MessageInitShape<typeof RecommendResponseSchema>> {
  const { recommendations, model } = await recommender.recommend(caller, optionsOf(request, seed));
  const { variant } = request;
  return {
    recommendations,
    modelVersion: model === undefined ? "" : versionOf(model),
    recommendationId: outcomes.idFor(caller, { variant, trainedTime: model?.trainedTime }),
  };
}

/** Of what is wrong with a request, so much is told. */
const MAX_VIOLATIONS = 20;

/**
 * Answers requests in their order, one at a time: the next one is read when the
 * answer to the last was taken. Each is worked on in a turn of the event loop of
 * its own, whatever the number of streams, so that no other call waits for more
 * than one of them.
 *
 * @throws DomainError "unavailable" when the server stops; what the requests end
 * with; and what concerns more than one request.
 */
export async function* answersTo(
  answerers: Answerers,
  caller: Caller,
  requests: AsyncIterable<BatchRecommendRequest>,
): AsyncGenerator<Answer, void, undefined> {
  const iterator = requests[Symbol.asyncIterator]();
  try {
    for (let index = 0; ; index++) {
      const read = await orAborted(iterator.next(), answerers.recommender.ending);
      if (read.done === true) return;
      await ownTurn();
      yield {
        index: BigInt(index),
        outcome: await outcomeOf(answerers, caller, read.value, `${caller.requestId}/${index}`),
      };
    }
  } finally {
    // Not waited for: it may be in the middle of waiting for the client.
    iterator.return?.()?.catch(() => {});
  }
}

async function outcomeOf(
  answerers: Answerers,
  caller: Caller,
  { request }: BatchRecommendRequest,
  seed: string,
): Promise<NonNullable<Answer["outcome"]>> {
  try {
    if (request === undefined) throw invalidField("request", "Required: it must be there.");
    const violations = requestViolations(request);
    if (violations.length > 0) throw invalidFields(violations.slice(0, MAX_VIOLATIONS));
    const value = await answerTo(answerers, caller, request, seed);
    return { case: "response", value };
  } catch (error) {
    if (!(error instanceof DomainError) || !isOfOneRequest(error)) throw error;
    const { code, message, violations } = error;
    return { case: "failure", value: { code, message, violations: [...violations] } };
  }
}

/** Whether an error is the fault of a request, so that the next one may succeed. */
function isOfOneRequest({ code }: DomainError): boolean {
  return code === "invalid_argument" || code === "not_found";
}
