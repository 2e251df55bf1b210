import { expect, it } from "vitest";
import { Bidirectional } from "../../gen/tutorial/bidirectional_pb.js";
import { ProfileService } from "../../gen/tutorial/profile_service_pb.js";
import { RouteGuide } from "../../gen/tutorial/route_guide_pb.js";
import { Unary } from "../../gen/tutorial/unary_pb.js";
import { RuleBook } from "../../src/rules.ts";
import { tutorialRules } from "../../src/tutorial/rules.ts";

it("should have rules for every request of a tutorial", () => {
  const book = new RuleBook([tutorialRules]);
  const bare = [Unary, Bidirectional, RouteGuide, ProfileService]
    .flatMap((service) => service.methods)
    .filter(({ input }) => !book.has(input));
  expect(bare.map(({ input }) => input.typeName)).toEqual([]);
});
