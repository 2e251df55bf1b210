import { setImmediate } from "node:timers/promises";
import type { Log } from "../../log/log.ts";
import type { Condition } from "../columns/view-query.ts";
import type { Filter } from "./views-question.ts";

/**
 * Filters with the numbers of videos in place of their names. A name that the
 * log does not know is of no view.
 */
export async function conditionsOf(
  log: Log,
  project: number,
  filters: readonly Filter[],
): Promise<Condition[]> {
  const conditions: Condition[] = [];
  for (const filter of filters) conditions.push(await conditionOf(log, project, filter));
  return conditions;
}

async function conditionOf(log: Log, project: number, filter: Filter): Promise<Condition> {
  if ("allOf" in filter) return { allOf: await conditionsOf(log, project, filter.allOf) };
  if ("anyOf" in filter) return { anyOf: await conditionsOf(log, project, filter.anyOf) };
  if ("not" in filter) return { not: await conditionOf(log, project, filter.not) };
  const { of } = filter;
  if (of.kind !== "video") return { ...filter, of };
  // A thousand names take the log some milliseconds; a hundred filters may have as many each.
  await setImmediate();
  if ("prefix" in filter) return { videos: await log.findNames(project, "video", filter.prefix) };
  const names = new Set(filter.in);
  const found = await Promise.all([...names].map((name) => log.findName(project, "video", name)));
  return { videos: found.filter((video) => video !== undefined) };
}
