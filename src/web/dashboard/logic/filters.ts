import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  DimensionKind,
  type DimensionSchema,
  type FilterSchema,
} from "../../../../gen/analytics/v1/query_pb.js";

/** What views are filtered by, by the names in the URL. */
export const dimensions = {
  video: { kind: DimensionKind.VIDEO, name: "Video" },
  country: { kind: DimensionKind.COUNTRY, name: "Country" },
  device: { kind: DimensionKind.DEVICE, name: "Device" },
  referrer: { kind: DimensionKind.REFERRER_HOST, name: "Referrer" },
  property: { kind: DimensionKind.PROPERTY, name: "Property" },
} as const;
export type DimensionName = keyof typeof dimensions;

/** The most characters that values have in the log. A host is no longer than its referrer. */
export const longest: Readonly<Record<DimensionName, number>> = {
  video: 256,
  country: 2,
  device: 64,
  referrer: 2_048,
  property: 256,
};

/** A value as the log has it, whatever its case; undefined for what no view can have. */
export function loggedValue(dimension: DimensionName, given: string): string | undefined {
  if (dimension === "country") {
    return /^(?:[A-Za-z]{2})?$/.test(given) ? given.toUpperCase() : undefined;
  }
  // Characters as the server counts them: not UTF-16 units.
  if (given.length > longest[dimension] && [...given].length > longest[dimension]) return undefined;
  return dimension === "referrer" ? given.toLowerCase() : given;
}

/** Views that have a value, or do not. An empty value: those that told none. */
export interface Filter {
  readonly dimension: DimensionName;
  /** Of a property, its name; else empty. */
  readonly property: string;
  readonly value: string;
  readonly not: boolean;
}

/** More than anybody adds by hand, and fewer than the server takes. */
export const MOST_FILTERS = 50;

/** Whether two are about the same value, whichever way. */
function sameValue(one: Filter, other: Filter): boolean {
  return (
    one.dimension === other.dimension &&
    one.property === other.property &&
    one.value === other.value
  );
}

/** With another one, instead of what there was about the same value. */
export function withFilter(filters: readonly Filter[], filter: Filter): readonly Filter[] {
  return [...withoutFilter(filters, filter), filter].slice(-MOST_FILTERS);
}

/** Without what there is about the same value. */
export function withoutFilter(filters: readonly Filter[], filter: Filter): readonly Filter[] {
  return filters.filter((other) => !sameValue(other, filter));
}

/** The dimension as the server has it. */
export function dimensionOf(
  name: DimensionName,
  property = "",
): MessageInitShape<typeof DimensionSchema> {
  return { kind: dimensions[name].kind, property };
}

type FilterMessage = MessageInitShape<typeof FilterSchema>;

/**
 * The filters as the server has them: views that have one of the values of each
 * dimension that is filtered by, and none of those that they must not have.
 */
export function filterMessages(filters: readonly Filter[]): FilterMessage[] {
  const groups = Map.groupBy(
    filters,
    ({ dimension, property, not }) => `${not} ${dimension} ${property}`,
  );
  return [...groups.values()].flatMap((group): FilterMessage[] => {
    const [first] = group;
    if (first === undefined) return [];
    const condition = {
      case: "in" as const,
      value: {
        dimension: dimensionOf(first.dimension, first.property),
        values: group.map(({ value }) => value),
      },
    };
    if (!first.not) return [{ condition }];
    return [{ condition: { case: "not" as const, value: { condition } } }];
  });
}

/** Whether anything is filtered by but videos. */
export function hasMoreThanVideos(filters: readonly Filter[]): boolean {
  return filters.some(({ dimension }) => dimension !== "video");
}

/** The video that all views are of; undefined if they may be of several. */
export function onlyVideo(filters: readonly Filter[]): string | undefined {
  const videos = filters.filter(({ dimension, not }) => dimension === "video" && !not);
  return videos.length === 1 ? videos[0]?.value : undefined;
}
