import { timestampDate } from "@bufbuild/protobuf/wkt";
import {
  Split,
  type EvaluatedMetric,
  type Evaluation,
} from "../../../gen/recommendations/v1/evaluation_pb.js";
import { count } from "../format.ts";
import { table } from "../table.ts";

/** What an evaluation found, as a table with a few lines around it. */
export function describeEvaluation(evaluation: Evaluation, width: number): string {
  const { methods } = evaluation;
  const rows = (methods[0]?.metrics ?? []).map((metric, index) => [
    metricName(metric),
    ...methods.map(({ metrics }) => figure(metrics[index])),
  ]);
  const columns = [
    { title: "" },
    ...methods.map(({ name }) => ({ title: name.toUpperCase(), align: "right" as const })),
  ];
  return [
    ...aboutLines(evaluation),
    "",
    table(columns, rows, width),
    "",
    "In brackets: where it is with 95 % confidence. ~: no clear difference to the model.",
  ].join("\n");
}

/** What was learned from and what was hidden, for people. */
export function aboutLines(evaluation: Evaluation): string[] {
  const { users, interactions, items, viewers, hidden, hiddenUnknown } = evaluation;
  const unknown =
    hiddenUnknown > 0n ? `, ${count(hiddenUnknown)} of them of items that nobody had before` : "";
  return [
    `learned from  ${count(interactions)} likes of ${count(items)} items by ${count(users)} users`,
    `ranked for    ${count(viewers)} viewers${splitOf(evaluation)}`,
    `to be found   ${count(hidden)} likes${unknown}`,
  ];
}

function splitOf({ split, splitTime }: Evaluation): string {
  if (split !== Split.TIME) return " whom nothing was learned from";
  return splitTime === undefined
    ? ""
    : `, of what came from ${timestampDate(splitTime).toISOString()} on`;
}

/** What a figure is called, such as "NDCG@10". */
export function metricName({ name, k }: EvaluatedMetric): string {
  const spelled = name === "ndcg" || name === "mrr" ? name.toUpperCase() : name.replace("_", " ");
  return `${spelled}@${k}`;
}

/** A figure with where it may be, such as "0.3415 [0.3302, 0.3530] ~". */
function figure(metric: EvaluatedMetric | undefined): string {
  if (metric === undefined) return "";
  const { value, low, high } = metric;
  const range = low === undefined || high === undefined ? "" : ` [${digits(low)}, ${digits(high)}]`;
  // As wide with the mark as without, so that figures stand below each other.
  return `${digits(value)}${range}${isClear(metric) ? "  " : " ~"}`;
}

/** Whether a figure differs from the model's by more than chance may; of the model itself, it does. */
export function isClear({ differenceLow: low, differenceHigh: high }: EvaluatedMetric): boolean {
  return low === undefined || high === undefined || low > 0 || high < 0;
}

/** Four digits behind the point, or two of what is larger than 10. */
export function digits(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 4 : 2);
}
