import type { MessageInitShape } from "@bufbuild/protobuf";
import { InvalidArgumentError } from "commander";
import type {
  DimensionSchema,
  FilterSchema,
  Granularity,
  Metric,
} from "../../gen/analytics/v1/query_pb.js";

/**
 * What a user of `marquee query` calls metrics, dimensions and lengths of time,
 * with the numbers that they have in the contract: to load it takes time that
 * --help and usage errors should not wait for.
 */

export type MetricName =
  | "views"
  | "viewers"
  | "watched"
  | "average-watched"
  | "progress"
  | "completion"
  | "bots";

export const metricNumbers: Readonly<Record<MetricName, Metric>> = {
  views: 1,
  viewers: 2,
  watched: 3,
  "average-watched": 4,
  progress: 5,
  completion: 6,
  bots: 7,
};

const dimensionNumbers: ReadonlyMap<string, number> = new Map([
  ["video", 1],
  ["country", 2],
  ["device", 3],
  ["referrer", 4],
  ["host", 5],
]);
const PROPERTY = 6;

export const dimensionHelp =
  "video, country, device, referrer, host (of the referrer), property:<name>";

const granularityNumbers: ReadonlyMap<string, Granularity> = new Map([
  ["hour", 1],
  ["day", 2],
  ["week", 3],
  ["month", 4],
]);

/** A dimension, by what the user calls it. */
export interface NamedDimension {
  readonly name: string;
  readonly dimension: MessageInitShape<typeof DimensionSchema>;
}

/** Reads a metric, for an argument: adds it to those before. */
export function metric(text: string, before: readonly MetricName[] = []): MetricName[] {
  if (!Object.hasOwn(metricNumbers, text)) {
    throw new InvalidArgumentError(`It must be one of ${Object.keys(metricNumbers).join(", ")}.`);
  }
  return [...before, text as MetricName];
}

/** Reads a dimension, for an option: adds it to those before. */
export function dimension(text: string, before: readonly NamedDimension[] = []): NamedDimension[] {
  return [...before, { name: text, dimension: dimensionOf(text) }];
}

/** Reads the length of buckets, for an option. */
export function granularity(text: string): Granularity {
  const found = granularityNumbers.get(text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be one of ${[...granularityNumbers.keys()].join(", ")}.`);
}

type Filter = MessageInitShape<typeof FilterSchema>;

/** Reads a filter, for an option: adds it to those before. */
export function filter(text: string, before: readonly Filter[] = []): Filter[] {
  const [, field = "", not, operator, value = ""] = /^([^=!^]+)(!?)(\^?=)(.*)$/s.exec(text) ?? [];
  if (operator === undefined) {
    throw new InvalidArgumentError(
      "It must be such as country=NL, country!=NL,DE, video^=intro- or host!^=search.",
    );
  }
  const of = dimensionOf(field);
  const found: Filter =
    operator === "="
      ? { condition: { case: "in", value: { dimension: of, values: value.split(",") } } }
      : { condition: { case: "prefix", value: { dimension: of, prefix: value } } };
  return [...before, not === "!" ? { condition: { case: "not", value: found } } : found];
}

function dimensionOf(text: string): MessageInitShape<typeof DimensionSchema> {
  const kind = dimensionNumbers.get(text);
  if (kind !== undefined) return { kind };
  if (text.startsWith("property:")) {
    return { kind: PROPERTY, property: text.slice("property:".length) };
  }
  throw new InvalidArgumentError(`A dimension is one of ${dimensionHelp}.`);
}
