import { LoadSampleRequestSchema } from "../../gen/sample/v1/sample_service_pb.js";
import * as check from "../rules.ts";

/** The bounds of sample.v1, as its proto files give them. */
export const sampleRules: readonly check.Rules[] = [check.rules(LoadSampleRequestSchema, {})];
