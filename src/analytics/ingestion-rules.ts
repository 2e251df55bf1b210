import {
  IngestViewsRequestSchema,
  LogViewRequestSchema,
  LogViewsRequestSchema,
} from "../../gen/analytics/v1/ingestion_pb.js";
import { MAX_VIEWS } from "../log/log.ts";
import * as check from "../rules.ts";

/** The bounds of requests that bring views. */

/** How many characters the texts of a view have at most. */
export const MAX_CHARACTERS = {
  videoName: 256,
  viewId: 128,
  viewerId: 256,
  device: 64,
  referrer: 2_048,
  userAgent: 2_048,
  propertyName: 64,
  propertyValue: 256,
} as const;

/** For how many days a view is watched at most. */
export const MAX_WATCH_DAYS = 7;
/** How many properties a view has at most. */
export const MAX_PROPERTIES = 20;

export const viewRules: check.Rules = check.rules(LogViewRequestSchema, {
  videoName: check.text({ min: 1, max: MAX_CHARACTERS.videoName }),
  viewId: check.text({ max: MAX_CHARACTERS.viewId }),
  viewerId: check.text({ max: MAX_CHARACTERS.viewerId }),
  startTime: check.pastTime,
  watchDuration: check.duration({ maxDays: MAX_WATCH_DAYS }),
  country: check.text({
    max: 2,
    pattern: [/^[A-Za-z]{2}$/, "Must be an ISO 3166-1 alpha-2 code, such as NL."],
  }),
  device: check.text({ max: MAX_CHARACTERS.device }),
  referrer: check.text({ max: MAX_CHARACTERS.referrer }),
  progress: check.optional(check.number({ min: 0, max: 1 })),
  properties: check.map(
    { max: MAX_PROPERTIES },
    check.text({ min: 1, max: MAX_CHARACTERS.propertyName }),
    check.text({ min: 1, max: MAX_CHARACTERS.propertyValue }),
  ),
  userAgent: check.text({ max: MAX_CHARACTERS.userAgent }),
});

/** The views are checked one by one as they are logged: one that is wrong does not fail the others. */
const viewsRules = check.rules(LogViewsRequestSchema, {
  views: check.list({ max: MAX_VIEWS }),
});

/** Whether sequences grow, and what is in a batch, its stream knows. */
const batchRules = check.rules(IngestViewsRequestSchema, {
  sequence: (value, field, report) => {
    if (value === 0n) report({ field, description: "Required: from 1 up." });
  },
});

export const ingestionRules: readonly check.Rules[] = [viewRules, viewsRules, batchRules];
