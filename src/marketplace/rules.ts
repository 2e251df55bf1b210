import { GetStorefrontRequestSchema } from "../../gen/marketplace/v1/marketplace_service_pb.js";
import * as check from "../rules.ts";

/** The bounds of marketplace.v1, as its proto file gives them. */
export const marketplaceRules: readonly check.Rules[] = [
  check.rules(GetStorefrontRequestSchema, {
    userId: check.text({ max: 256 }),
    category: check.text({ max: 64 }),
    shelfSize: check.integer({ min: 1, max: 50, zeroIsDefault: true }),
  }),
];
