import type { Boost } from "./boosts.ts";
import type { Comparison } from "./model/evaluation.ts";
import type { ModelInfo } from "./model/model.ts";
import type { SessionItem } from "./taste.ts";
import type { Progress } from "./training-thread.ts";

/** A request for recommendations; see the contract. */
export interface RecommendOptions {
  /** "" for a stranger. */
  readonly user: string;
  /** "" for all. */
  readonly category: string;
  readonly maxResults: number;
  readonly excludeIds: readonly string[];
  readonly includeSeen: boolean;
  /** Default: none. */
  readonly boosts?: readonly Boost[];
  /** From 0, the default, to 1. */
  readonly diversity?: number;
  /** From 0, the default, to 1. */
  readonly exploration?: number;
  /** What exploration draws by. */
  readonly seed?: string;
  /** What the user did just now, oldest first. Default: nothing. */
  readonly session?: readonly SessionItem[];
  /** The id of what is looked at. Default: "", nothing. */
  readonly context?: string;
  /** Whether contributions are told. */
  readonly explain?: boolean;
}

/** An item in an answer. */
export interface ScoredItem {
  readonly id: string;
  /** "" for what the catalog does not have. */
  readonly title: string;
  readonly score: number;
}

export interface Recommendation extends ScoredItem {
  readonly reason: string;
  /** What speaks for it, loudest first, if that was asked for. */
  readonly contributions: Contribution[];
}

/** An item that speaks for another; see the contract. */
export interface Contribution {
  readonly itemId: string;
  readonly title: string;
  readonly share: number;
}

/** An answer. */
export interface Recommended {
  readonly recommendations: Recommendation[];
  /** The model that ranked them; undefined before the first training. */
  readonly model: ModelInfo | undefined;
}

/** How far a training is; at the end, what came of it. */
export type TrainingStep = Progress | TrainingEnd;

/** How a training ended. */
interface TrainingEnd {
  readonly stage: "done";
  /** The model in place: the new one, or the one before if the new one was refused. */
  readonly model: ModelInfo;
  readonly refused: boolean;
  readonly comparison: Comparison | undefined;
}
