import type { Scenario } from "./scenario.ts";
import { streamScenarios } from "./streams.ts";
import { unaryScenarios } from "./unary.ts";

/** All scenarios, in the order of the table. */
export const scenarios: readonly Scenario[] = [...unaryScenarios, ...streamScenarios];
