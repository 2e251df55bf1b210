import type { Duration } from "@bufbuild/protobuf/wkt";
import {
  GetViewStatsRequestSchema,
  ListTopVideosRequestSchema,
} from "../../gen/analytics/v1/analytics_service_pb.js";
import { GetAudienceRetentionRequestSchema } from "../../gen/analytics/v1/retention_pb.js";
import { ListTrendingVideosRequestSchema } from "../../gen/analytics/v1/trending_pb.js";
import * as check from "../rules.ts";
import { interval } from "./interval-rules.ts";
import { queryRules } from "./query/rules.ts";

/** The bounds of requests that ask about views. */

const videoName = check.text({ min: 1, max: 256 });

const window: check.Check<Duration | undefined> = (value, field, report) => {
  if (value === undefined) return;
  const { seconds, nanos } = value;
  const tooLong = seconds > MAX_WINDOW_S || (seconds === MAX_WINDOW_S && nanos > 0);
  if (seconds < 60n || nanos < 0 || nanos > 999_999_999 || tooLong) {
    report({ field, description: "From 1 minute to 31 days." });
  }
};
const MAX_WINDOW_S = 31n * 86_400n;

export const questionRules: readonly check.Rules[] = [
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
  check.rules(ListTrendingVideosRequestSchema, {
    window,
    maxResults: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
    minPosition: check.position,
  }),
  check.rules(GetAudienceRetentionRequestSchema, {
    videoName,
    interval,
    minPosition: check.position,
  }),
  queryRules(interval),
];
