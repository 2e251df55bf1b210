import { units, type Unit } from "./buckets.ts";
import {
  dimensions,
  MOST_FILTERS,
  withFilter,
  type DimensionName,
  type Filter,
} from "./filters.ts";
import { metricNames, type MetricName } from "./metrics.ts";
import { customRange, presets, type Preset, type Range } from "./range.ts";
import { isZone } from "./zone.ts";

/** All that decides what the page shows; the query of its URL says it. */
export interface State {
  readonly range: Range;
  /** A name of the IANA database. */
  readonly zone: string;
  readonly filters: readonly Filter[];
  /** What the chart shows. */
  readonly metric: MetricName;
  /** The length of its buckets; undefined for what suits the range. */
  readonly unit: Unit | undefined;
  /** Whose retention is shown; empty for the one filtered by, or the top one. */
  readonly video: string;
}

const DEFAULT_RANGE: Preset = "28d";

/**
 * Reads a query; what it does not say, or says wrongly, is as it is by default.
 *
 * @param zone the zone where the query names none.
 */
export function readState(query: string, zone: string): State {
  const params = new URLSearchParams(query);
  const named = params.get("zone") ?? "";
  const knownZone = isZone(named) ? named : zone;
  return {
    range: readRange(params, knownZone),
    zone: knownZone,
    filters: readFilters(params),
    metric: metricNames.find((name) => name === params.get("metric")) ?? "views",
    unit: units.find((unit) => unit === params.get("by")),
    video: (params.get("video") ?? "").slice(0, 256),
  };
}

function readRange(params: URLSearchParams, zone: string): Range {
  const custom = customRange(params.get("from") ?? "", params.get("to") ?? "", zone);
  if (custom !== undefined) return custom;
  const preset = params.get("range") ?? "";
  return { preset: Object.hasOwn(presets, preset) ? (preset as Preset) : DEFAULT_RANGE };
}

/** Filters are parameters such as is.country=NL, not.device=tv and is.property.plan=free. */
const FILTER = /^(is|not)\.(video|country|device|referrer|property)(?:\.([^]{1,64}))?$/;

function readFilters(params: URLSearchParams): readonly Filter[] {
  let filters: readonly Filter[] = [];
  for (const [key, value] of params) {
    const [, way, name, property = ""] = FILTER.exec(key) ?? [];
    if (name === undefined || !Object.hasOwn(dimensions, name)) continue;
    if ((name === "property") !== (property !== "")) continue;
    if (value.length > 2_048 || filters.length >= MOST_FILTERS) continue;
    const dimension = name as DimensionName;
    filters = withFilter(filters, { dimension, property, value, not: way === "not" });
  }
  return filters;
}

/** Writes the query, from its question mark on. */
export function writeState(state: State): string {
  const { range, zone, filters, metric, unit, video } = state;
  const params = new URLSearchParams();
  if (range.preset === undefined) {
    params.append("from", range.from);
    params.append("to", range.to);
  } else if (range.preset !== DEFAULT_RANGE) params.append("range", range.preset);
  for (const { dimension, property, value, not } of filters) {
    const name = property === "" ? dimension : `${dimension}.${property}`;
    params.append(`${not ? "not" : "is"}.${name}`, value);
  }
  if (metric !== "views") params.append("metric", metric);
  if (unit !== undefined) params.append("by", unit);
  if (video !== "") params.append("video", video);
  // Always: whoever opens a copied URL may live elsewhere.
  params.append("zone", zone);
  // Both are allowed in a query as they are, and read better.
  return `?${params.toString().replaceAll("%2F", "/").replaceAll("%3A", ":")}`;
}
