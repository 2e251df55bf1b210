import { LogViewRequestSchema } from "../../gen/tutorial/analytics_pb.js";
import { MessageSchema as BidirectionalMessageSchema } from "../../gen/tutorial/bidirectional_pb.js";
import { GreetingRequestSchema } from "../../gen/tutorial/greeter_pb.js";
import { CreateProfileRequestSchema } from "../../gen/tutorial/profile_service_pb.js";
import { RecommendationRequestSchema } from "../../gen/tutorial/recommendations_pb.js";
import { PointSchema, RouteNoteSchema } from "../../gen/tutorial/route_guide_pb.js";
import { MessageSchema as UnaryMessageSchema } from "../../gen/tutorial/unary_pb.js";
import * as check from "../rules.ts";

const message = check.text({ max: 10_000 });

const point = check.rules(PointSchema, {
  Latitude: check.integer({ min: -900_000_000, max: 900_000_000 }),
  Longitude: check.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
});

/** The bounds of the tutorial contracts, as their proto files give them. */
export const tutorialRules: readonly check.Rules[] = [
  check.rules(GreetingRequestSchema, { name: check.text({ max: 1_000 }) }),
  check.rules(LogViewRequestSchema, { videoName: check.text({ min: 1, max: 256 }) }),
  check.rules(RecommendationRequestSchema, {
    maxResults: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
  }),
  check.rules(UnaryMessageSchema, { message }),
  check.rules(BidirectionalMessageSchema, { message }),
  point,
  check.rules(RouteNoteSchema, {
    location: check.nested(point),
    // A hundred thousand of them are kept.
    message: check.text({ max: 1_000 }),
  }),
  // The real service checks it: here, what is wrong is told in the answer.
  check.rules(CreateProfileRequestSchema, {}),
];
