import { WatchViewsRequestSchema } from "../../gen/analytics/v1/live_pb.js";
import * as check from "../rules.ts";

const MAX_VIDEOS = 1_000;

const eachName = check.list<string>({ max: MAX_VIDEOS }, check.text({ min: 1, max: 256 }));

/** The names of videos: none of them stands twice. */
const videoNames: check.Check<readonly string[]> = (names, field, report) => {
  eachName(names, field, report);
  if (names.length > MAX_VIDEOS) return;
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name)) {
      const description = `${JSON.stringify(name)} stands twice.`;
      report({ field: `${field}[${index}]`, description });
    }
    seen.add(name);
  }
};

/** The bounds of requests to watch. */
export const liveRules: readonly check.Rules[] = [
  check.rules(WatchViewsRequestSchema, { videoNames }),
];
