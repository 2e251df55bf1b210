import {
  GetViewStatsRequestSchema,
  ListTopVideosRequestSchema,
  LogViewRequestSchema,
} from "../../gen/analytics/v1/analytics_service_pb.js";
import { IntervalSchema } from "../../gen/analytics/v1/view_pb.js";
import * as check from "../rules.ts";

/** The bounds of analytics.v1, as its proto files give them. */

const videoName = check.text({ min: 1, max: 256 });

const interval = check.nested(
  check.rules(IntervalSchema, { startTime: check.anyTime, endTime: check.anyTime }),
);

export const analyticsRules: readonly check.Rules[] = [
  check.rules(LogViewRequestSchema, {
    videoName,
    viewId: check.text({ max: 128 }),
    viewerId: check.text({ max: 256 }),
    startTime: check.pastTime,
    watchDuration: check.duration({ maxDays: 7 }),
    country: check.text({
      max: 2,
      pattern: [/^[A-Za-z]{2}$/, "Must be an ISO 3166-1 alpha-2 code, such as NL."],
    }),
    device: check.text({ max: 64 }),
    referrer: check.text({ max: 2_048 }),
  }),
  check.rules(GetViewStatsRequestSchema, {
    videoName,
    interval,
    minPosition: check.position,
  }),
  check.rules(ListTopVideosRequestSchema, {
    interval,
    pageSize: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
    pageToken: check.pageToken,
    minPosition: check.position,
  }),
];
