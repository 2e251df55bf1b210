import { fits, units, type Unit } from "./buckets.ts";
import {
  dimensions,
  loggedValue,
  MOST_FILTERS,
  withFilter,
  type DimensionName,
  type Filter,
} from "./filters.ts";
import { metricNames, type MetricName } from "./metrics.ts";
import { customRange, presets, resolve, type Preset, type Range, type Span } from "./range.ts";
import { zoneName } from "./zone.ts";

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
 * @param browserZone the zone where the query names none.
 */
export function readState(query: string, browserZone: string, now: number): State {
  const params = new URLSearchParams(query);
  const zone = zoneName(params.get("zone") ?? "") ?? browserZone;
  const range = readRange(params, zone);
  return {
    range,
    zone,
    filters: readFilters(params),
    metric: metricNames.find((name) => name === params.get("metric")) ?? "views",
    unit: readUnit(params, resolve(range, zone, now)),
    video: loggedValue("video", params.get("video") ?? "") ?? "",
  };
}

/** Only what the range can be shown in; of all time, hours are too many. */
function readUnit(params: URLSearchParams, span: Span | undefined): Unit | undefined {
  return units
    .filter((unit) => (span === undefined ? unit !== "hour" : fits(unit, span)))
    .find((unit) => unit === params.get("by"));
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
  for (const [key, given] of params) {
    const [, way, name, property = ""] = FILTER.exec(key) ?? [];
    if (name === undefined || !Object.hasOwn(dimensions, name)) continue;
    if ((name === "property") !== (property !== "")) continue;
    const dimension = name as DimensionName;
    const value = loggedValue(dimension, given);
    if (value === undefined || filters.length >= MOST_FILTERS) continue;
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
