import type { Command } from "commander";
import type { OutcomeCounts } from "../../gen/recommendations/v1/outcome_pb.js";
import type { FieldNames } from "./call-failure.ts";
import { count } from "./format.ts";
import { moment } from "./options.ts";
import { withServer } from "./session.ts";
import { table, terminalWidth } from "./table.ts";

interface VariantsOptions {
  readonly since?: number;
  readonly until?: number;
  readonly baseline?: string;
  readonly models?: boolean;
}

/** What this command calls the fields of its request. */
const names: FieldNames = {
  "interval.start_time": "--since",
  "interval.end_time": "--until",
  baseline_variant: "--baseline",
};

const HOUR_MS = 3_600_000;

/** Adds `marquee variants`. */
export function addVariants(program: Command): void {
  program
    .command("variants")
    .description("Compare the click-through rates of variants of recommendations.")
    .option(
      "--since <time>",
      "only what was recommended from the hour of this time on: ISO 8601, Unix time, or so long ago such as 7d (default: all of 400 days)",
      moment,
    )
    .option("--until <time>", "only what was recommended before the hour of this time", moment)
    .option(
      "--baseline <variant>",
      "what the others are compared with (default: the one without a name)",
    )
    .option("--models", "with a row for each model")
    .addHelpText("after", "\nExamples:\n  marquee variants --since 7d\n  marquee variants --json")
    .action((options: VariantsOptions, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const { timestampDate, timestampFromMs } = await import("@bufbuild/protobuf/wkt");
        const { since, until, baseline = "", models = false } = options;
        const response = await client.recommendations.compareVariants({
          interval: {
            ...(since !== undefined && { startTime: timestampFromMs(wholeHour(since)) }),
            ...(until !== undefined && { endTime: timestampFromMs(wholeHour(until)) }),
          },
          baselineVariant: baseline,
        });
        const rows = response.variants.flatMap((one) => {
          const { variant, total, comparison } = one;
          const compared =
            comparison === undefined
              ? variant === response.baselineVariant
                ? "baseline"
                : ""
              : `${comparison.difference < 0 ? "" : "+"}${percent(comparison.difference)}, p ${comparison.pValue.toFixed(4)}${comparison.significant ? "" : ", no clear difference"}`;
          const own = [variant || "(none)", ...counts(total), compared];
          if (!models) return [own];
          const byModel = one.models.map(({ trainedTime, counts: its }) => [
            `  ${trainedTime === undefined ? "no model" : timestampDate(trainedTime).toISOString()}`,
            ...counts(its),
            "",
          ]);
          return [own, ...byModel];
        });
        answer(response, () =>
          rows.length === 0
            ? "Nothing was recorded of recommendations: RecordOutcomes does."
            : table(
                [
                  { title: "VARIANT" },
                  { title: "SHOWN", align: "right" },
                  { title: "IMPRESSIONS", align: "right" },
                  { title: "CLICKS", align: "right" },
                  { title: "RATE", align: "right" },
                  { title: "95 %", align: "right" },
                  { title: "DIFFERENCE" },
                ],
                rows,
                terminalWidth(),
              ),
        );
      }),
    );
}

function wholeHour(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

function counts(of: OutcomeCounts | undefined): string[] {
  if (of === undefined) return ["", "", "", "", ""];
  return [
    count(of.recommendations),
    count(of.impressions),
    count(of.clicks),
    percent(of.clickThroughRate),
    `${percent(of.clickThroughRateLow)} to ${percent(of.clickThroughRateHigh)}`,
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
