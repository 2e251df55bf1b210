import { TailLogRequestSchema } from "../../gen/admin/v1/admin_service_pb.js";
import * as check from "../rules.ts";

/** The bounds of admin.v1, as its proto files give them. */
export const adminRules: readonly check.Rules[] = [
  check.rules(TailLogRequestSchema, { afterPosition: check.position }),
];
