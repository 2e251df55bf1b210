import type { Row } from "../columns/columns.ts";
import { sumColumns } from "./group-sql.ts";
import type { Metric, Sum } from "../columns/view-query.ts";
import type { Metrics } from "./views-question.ts";

/** What each metric is made of. */
const sumsOfMetrics: Readonly<Record<Metric, readonly Sum[]>> = {
  views: ["views"],
  uniqueViewers: ["uniqueViewers"],
  watchDuration: ["watchMs"],
  averageWatchDuration: ["watchMs", "views"],
  averageProgress: ["progressSum", "progressViews"],
  completionRate: ["completed", "progressViews"],
  botViews: ["botViews"],
};

/** What has to be added up for some metrics. */
export function sumsOf(metrics: readonly Metric[]): Set<Sum> {
  return new Set(metrics.flatMap((metric) => sumsOfMetrics[metric]));
}

/** The metrics of a row, from its columns that begin with a prefix; what is null there is 0. */
export function metricsOf(row: Row, metrics: readonly Metric[], prefix = ""): Metrics {
  const sum = (name: Sum): number => Number(row[prefix + sumColumns[name]] ?? 0);
  const found: Partial<Record<Metric, number>> = {};
  for (const metric of metrics) {
    const value = metricOf(metric, sum);
    if (value !== undefined) found[metric] = value;
  }
  return found;
}

/**
 * What rows are ordered by of a metric, as the columns have it: an average in
 * whole nanoseconds may be the same of rows that they tell apart.
 */
export function decisiveFigure(row: Row, metric: Metric): number | undefined {
  if (metric !== "averageWatchDuration") return metricsOf(row, [metric])[metric];
  const views = Number(row[sumColumns.views]);
  return views === 0 ? undefined : Number(row[sumColumns.watchMs]) / views;
}

function metricOf(metric: Metric, sum: (name: Sum) => number): number | undefined {
  switch (metric) {
    case "averageWatchDuration":
      return sum("views") === 0
        ? undefined
        : Math.round((sum("watchMs") / sum("views")) * 1_000_000);
    case "averageProgress":
      return averageProgress(sum("progressSum"), sum("progressViews"));
    case "completionRate":
      return completionRate(sum("completed"), sum("progressViews"));
    case "watchDuration":
      return sum("watchMs");
    default:
      return sum(metric);
  }
}

/** How far so many views got on average, from 0 to 1; undefined if there are none. The sum is in thousandths. */
export function averageProgress(sum: number, views: number): number | undefined {
  return views === 0 ? undefined : sum / views / 1_000;
}

/** The share of views that got to the end, from 0 to 1; undefined if there are none. */
export function completionRate(completed: number, views: number): number | undefined {
  return views === 0 ? undefined : completed / views;
}
