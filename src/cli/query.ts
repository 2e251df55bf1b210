import { Argument, type Command } from "commander";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { FilterSchema, Granularity } from "../../gen/analytics/v1/query_pb.js";
import type { FieldNames } from "./call-failure.ts";
import { moment, positive } from "./options.ts";
import {
  dimension,
  dimensionHelp,
  filter,
  granularity,
  metric,
  metricNumbers,
  type MetricName,
  type NamedDimension,
} from "./query-terms.ts";
import { withServer } from "./session.ts";

interface QueryOptions {
  readonly by?: NamedDimension[];
  readonly filter?: MessageInitShape<typeof FilterSchema>[];
  readonly since?: number;
  readonly until?: number;
  readonly granularity?: Granularity;
  readonly timeZone: string;
  readonly compare?: boolean;
  readonly max: number;
}

/** What this command calls the fields of its request. */
const names: FieldNames = {
  "interval.start_time": "--since",
  "interval.end_time": "--until",
  metrics: "<metric>",
  dimensions: "--by",
  filters: "--filter",
  granularity: "--granularity",
  time_zone: "--time-zone",
  compare_previous: "--compare",
  page_size: "--max",
};

const HOURS = 1;

/** Adds `marquee query`. */
export function addQuery(program: Command): void {
  program
    .command("query")
    .description("Count views: by what, of which, and over time.")
    .addArgument(
      new Argument(
        "[metric...]",
        `what to count: ${Object.keys(metricNumbers).join(", ")} (default: views)`,
      ).argParser<MetricName[]>((text, before) => metric(text, before)),
    )
    .option("--by <dimension...>", `for each value of what: ${dimensionHelp}`, dimension)
    .option(
      "--filter <condition...>",
      "only views of which this is true: <dimension>=<value> or one of several, with commas between; ^= for how it begins; !=, !^= for the opposite",
      filter,
    )
    .option(
      "--since <time>",
      "only views that began then or later: ISO 8601, Unix time, or so long ago such as 7d (default: all)",
      moment,
    )
    .option("--until <time>", "only views that began before (default: all)", moment)
    .option("--granularity <length>", "for each hour, day, week or month", granularity)
    .option("--time-zone <name>", "where they begin: a name such as Europe/Amsterdam", "UTC")
    .option("--compare", "with the period before; it needs --since, and ends now without --until")
    .option("--max <n>", "how many rows at most, up to 10000", positive, 100)
    .addHelpText(
      "after",
      `
Examples:
  marquee query views viewers --by country --since 7d
  marquee query --granularity day --time-zone Europe/Amsterdam --since 2026-01-01 --until 2026-02-01 --compare
  marquee query watched --by video --filter country=NL,BE device!=tv --json`,
    )
    .action((chosen: MetricName[], options: QueryOptions, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const { timestampFromMs } = await import("@bufbuild/protobuf/wkt");
        const { queryTable } = await import("./query-table.ts");
        const { by = [], filter: filters = [], since, compare = false, timeZone } = options;
        const until = options.until ?? (compare ? Date.now() : undefined);
        const metrics: MetricName[] = chosen.length > 0 ? chosen : ["views"];
        const response = await client.analytics.queryViews({
          metrics: metrics.map((name) => metricNumbers[name]),
          dimensions: by.map((named) => named.dimension),
          filters,
          interval: {
            ...(since === undefined ? {} : { startTime: timestampFromMs(since) }),
            ...(until === undefined ? {} : { endTime: timestampFromMs(until) }),
          },
          ...(options.granularity !== undefined && { granularity: options.granularity }),
          timeZone,
          comparePrevious: compare,
          pageSize: options.max,
        });
        answer(response, () =>
          queryTable(response, {
            metrics,
            dimensions: by.map(({ name }) => name),
            buckets:
              options.granularity === undefined
                ? "none"
                : options.granularity === HOURS
                  ? "hours"
                  : "days",
            timeZone,
            compare,
          }),
        );
      }),
    );
}
