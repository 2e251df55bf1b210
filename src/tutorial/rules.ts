import { LogViewRequestSchema } from "../../gen/tutorial/analytics_pb.js";
import { GreetingRequestSchema } from "../../gen/tutorial/greeter_pb.js";
import { RecommendationRequestSchema } from "../../gen/tutorial/recommendations_pb.js";
import * as check from "../rules.ts";

/** The bounds of the tutorial contracts, as their proto files give them. */
export const tutorialRules: readonly check.Rules[] = [
  check.rules(GreetingRequestSchema, { name: check.text({ max: 1_000 }) }),
  check.rules(LogViewRequestSchema, { videoName: check.text({ min: 1, max: 256 }) }),
  check.rules(RecommendationRequestSchema, {
    maxResults: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
  }),
];
