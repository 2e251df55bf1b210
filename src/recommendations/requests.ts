import type {
  Boost as BoostMessage,
  RecommendRequest,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import type { Boost } from "./boosts.ts";
import type { RecommendOptions } from "./recommendation.ts";
import { Kind } from "./signals.ts";

/** How many items a request gets that does not say. */
export const DEFAULT_MAX_RESULTS = 10;

/**
 * What a request asks for, once it was checked.
 *
 * @param seed What exploration draws by where the request does not say.
 */
export function optionsOf(request: RecommendRequest, seed: string): RecommendOptions {
  return {
    user: request.userId,
    category: request.category,
    maxResults: request.maxResults || DEFAULT_MAX_RESULTS,
    excludeIds: request.excludeIds,
    includeSeen: request.includeSeen,
    boosts: request.boosts.map(boostOf),
    diversity: request.diversity,
    exploration: request.exploration,
    seed: request.seed || seed,
    session: request.session.map(({ itemId, kind, value }) => ({
      id: itemId,
      kind: kind || Kind.VIEW,
      value,
    })),
    context: request.contextItemId,
    explain: request.explain,
  };
}

function boostOf({ target, factor }: BoostMessage): Boost {
  const kind = target.case === "itemId" ? "item" : target.case;
  if (kind === undefined) throw new Error("the boost has no target: it came past the rules");
  return { target: kind, name: target.value as string, factor };
}
