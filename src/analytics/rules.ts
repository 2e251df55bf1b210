import type { Rules } from "../rules.ts";
import { exportRules } from "./export-rules.ts";
import { ingestionRules } from "./ingestion-rules.ts";
import { liveRules } from "./live-rules.ts";
import { questionRules } from "./question-rules.ts";

/** The bounds of analytics.v1, as its proto files give them. */
export const analyticsRules: readonly Rules[] = [
  ...ingestionRules,
  ...questionRules,
  ...liveRules,
  ...exportRules,
];
