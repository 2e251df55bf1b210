import type { MarqueeClient } from "../client/client.ts";

/** The services that the sample is loaded with. */
export type SampleClient = Pick<
  MarqueeClient,
  "catalog" | "profiles" | "analytics" | "recommendations"
>;

/** The stages of loading, in their order. */
export type SampleStage = "catalog" | "profiles" | "views" | "feedback" | "training" | "done";

/** How far loading is. */
export interface SampleProgress {
  readonly stage: SampleStage;
  /** Items, profiles, views, opinions, or percents of a training; 0 once all is done. */
  readonly done: number;
  readonly total: number;
}

/** The stages of loading: what they tell while they run, and what they return. */
export type Stage<Result = void> = AsyncGenerator<SampleProgress, Result, undefined>;
