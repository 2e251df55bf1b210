import {
  DimensionKind,
  Granularity,
  Metric as ContractMetric,
  type Dimension,
  type Filter as ContractFilter,
  type Order,
  type QueryViewsRequest,
} from "../../../gen/analytics/v1/query_pb.js";
import type { Metric, OrderKey, ViewDimension } from "../columns/view-query.ts";
import { spanOf } from "../span.ts";
import type { BucketLength } from "./buckets.ts";
import type { Filter, ViewsQuestion } from "./views-question.ts";

/**
 * The question of a request that keeps the rules.
 *
 * @throws DomainError "invalid_argument" if its interval ends before it begins.
 */
export function questionOf(request: QueryViewsRequest): ViewsQuestion {
  const granularity = lengths[request.granularity];
  const metrics = request.metrics.map(metricOf);
  const order = request.orderBy.map(orderKeyOf);
  return {
    metrics,
    dimensions: request.dimensions.map(dimensionOf),
    filters: request.filters.map(filterOf),
    span: spanOf(request.interval),
    granularity,
    timeZone: request.timeZone || "UTC",
    order: order.length > 0 ? order : usualOrder(metrics, granularity),
    comparePrevious: request.comparePrevious,
  };
}

function usualOrder(
  [metric = "views"]: readonly Metric[],
  granularity: BucketLength | undefined,
): OrderKey[] {
  const largestFirst: OrderKey = { metric, descending: true };
  return granularity === undefined
    ? [largestFirst]
    : [{ time: true, descending: false }, largestFirst];
}

const lengths: Readonly<Record<number, BucketLength>> = {
  [Granularity.HOUR]: "hour",
  [Granularity.DAY]: "day",
  [Granularity.WEEK]: "week",
  [Granularity.MONTH]: "month",
};

const metricNames: Readonly<Record<number, Metric>> = {
  [ContractMetric.VIEWS]: "views",
  [ContractMetric.UNIQUE_VIEWERS]: "uniqueViewers",
  [ContractMetric.WATCH_DURATION]: "watchDuration",
  [ContractMetric.AVERAGE_WATCH_DURATION]: "averageWatchDuration",
  [ContractMetric.AVERAGE_PROGRESS]: "averageProgress",
  [ContractMetric.COMPLETION_RATE]: "completionRate",
  [ContractMetric.BOT_VIEWS]: "botViews",
};

function metricOf(metric: ContractMetric): Metric {
  return metricNames[metric] ?? broken(`metric ${metric}`);
}

const kinds = {
  [DimensionKind.VIDEO]: "video",
  [DimensionKind.COUNTRY]: "country",
  [DimensionKind.DEVICE]: "device",
  [DimensionKind.REFERRER]: "referrer",
  [DimensionKind.REFERRER_HOST]: "referrerHost",
} as const;

function dimensionOf(dimension: Dimension | undefined): ViewDimension {
  const { kind = DimensionKind.UNSPECIFIED, property: name = "" } = dimension ?? {};
  if (kind === DimensionKind.PROPERTY) return { kind: "property", name };
  return kind === DimensionKind.UNSPECIFIED ? broken("no dimension") : { kind: kinds[kind] };
}

function filterOf({ condition }: ContractFilter): Filter {
  switch (condition.case) {
    case "allOf":
      return { allOf: condition.value.filters.map(filterOf) };
    case "anyOf":
      return { anyOf: condition.value.filters.map(filterOf) };
    case "not":
      return { not: filterOf(condition.value) };
    case "in":
      return { in: condition.value.values, of: dimensionOf(condition.value.dimension) };
    case "prefix":
      return { prefix: condition.value.prefix, of: dimensionOf(condition.value.dimension) };
    default:
      return broken("a filter without a condition");
  }
}

function orderKeyOf({ key, descending }: Order): OrderKey {
  switch (key.case) {
    case "metric":
      return { metric: metricOf(key.value), descending };
    case "dimension":
      return { dimension: key.value - 1, descending };
    case "time":
      return { time: true, descending };
    default:
      return broken("an order without a key");
  }
}

function broken(what: string): never {
  throw new Error(`the request came past the rules: ${what}`);
}
