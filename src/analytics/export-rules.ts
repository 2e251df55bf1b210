import {
  EraseViewerRequestSchema,
  ExportViewsRequestSchema,
} from "../../gen/analytics/v1/export_pb.js";
import * as check from "../rules.ts";
import { interval } from "./interval-rules.ts";

/** The bounds of requests that take views away: as a copy, or for good. */
export const exportRules: readonly check.Rules[] = [
  check.rules(ExportViewsRequestSchema, {
    interval,
    viewerId: check.text({ max: 256 }),
  }),
  check.rules(EraseViewerRequestSchema, { viewerId: check.text({ min: 1, max: 256 }) }),
];
