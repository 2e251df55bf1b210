import {
  Granularity,
  Metric,
  QueryViewsRequestSchema,
  type Dimension,
  type Order,
  type QueryViewsRequest,
} from "../../../gen/analytics/v1/query_pb.js";
import type { FieldViolation } from "../../errors.ts";
import * as check from "../../rules.ts";
import { dimension, filters } from "./filter-rules.ts";
import { isTimeZone } from "./zone.ts";

type Report = (violation: FieldViolation) => void;

/** A list of so many elements, none of which stands twice. */
function distinct<T>(
  bounds: { min?: number; max: number },
  each: check.Check<T>,
  name: (value: T) => string,
): check.Check<readonly T[]> {
  const list = check.list(bounds, each);
  return (values, path, report) => {
    list(values, path, report);
    const seen = new Set<string>();
    for (const [index, value] of values.slice(0, bounds.max).entries()) {
      const text = name(value);
      if (seen.has(text)) {
        report({ field: `${path}[${index}]`, description: "It stands twice." });
      }
      seen.add(text);
    }
  };
}

const timeZoneText = check.text({ max: 64 });
const timeZone: check.Check<string> = (value, field, report) => {
  if (value.length > 64) timeZoneText(value, field, report);
  else if (value !== "" && !isTimeZone(value)) {
    report({
      field,
      description: 'Must be a name of the IANA time zone database, such as "Europe/Amsterdam".',
    });
  }
};

const knownGranularity = check.setEnum(Granularity);
const granularity: check.Check<Granularity> = (value, field, report) => {
  if (value !== Granularity.UNSPECIFIED) knownGranularity(value, field, report);
};

/** The bounds of a request of QueryViews. */
export function queryRules(interval: check.Check<QueryViewsRequest["interval"]>): check.Rules {
  const { schema, check: checkFields } = check.rules(QueryViewsRequestSchema, {
    metrics: distinct({ min: 1, max: 7 }, check.setEnum(Metric), String),
    dimensions: distinct<Dimension>({ max: 4 }, dimension, (of) => `${of.kind} ${of.property}`),
    filters,
    interval,
    granularity,
    timeZone,
    pageSize: check.integer({ min: 1, max: 10_000, zeroIsDefault: true }),
    pageToken: check.pageToken,
    minPosition: check.position,
  });
  const checkOrders = check.list<Order>({ max: 8 });
  const checkAll: check.Check<QueryViewsRequest> = (request, path, report) => {
    checkFields(request as never, path, report);
    checkOrders(request.orderBy, "order_by", report);
    for (const [index, order] of request.orderBy.slice(0, 8).entries()) {
      checkOrder(order, request, `order_by[${index}]`, report);
    }
    if (request.comparePrevious) checkEnds(request, report);
  };
  return { schema, check: checkAll as check.Check<never> };
}

function checkOrder(
  { key }: Order,
  request: QueryViewsRequest,
  path: string,
  report: Report,
): void {
  const field = `${path}.${key.case}`;
  switch (key.case) {
    case undefined:
      report({
        field: path,
        description: "Required: one of metric, dimension and time must be set.",
      });
      return;
    case "metric":
      if (!request.metrics.includes(key.value)) {
        report({ field, description: "Must be one of the metrics of the request." });
      }
      return;
    case "dimension":
      if (key.value < 1 || key.value > request.dimensions.length) {
        report({
          field,
          description: `Must be the place of one of the dimensions of the request, from 1 on, not ${key.value}.`,
        });
      }
      return;
    case "time":
      if (!key.value) report({ field, description: "Must be true." });
      else if (request.granularity === Granularity.UNSPECIFIED) {
        report({ field, description: "Needs a granularity: without it there are no buckets." });
      }
  }
}

function checkEnds({ interval }: QueryViewsRequest, report: Report): void {
  const description = "Required with compare_previous.";
  if (interval?.startTime === undefined) report({ field: "interval.start_time", description });
  if (interval?.endTime === undefined) report({ field: "interval.end_time", description });
}
