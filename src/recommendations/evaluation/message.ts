import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Split, type EvaluationSchema } from "../../../gen/recommendations/v1/evaluation_pb.js";
import type { LogEvaluation } from "./evaluator.ts";

/** An evaluation as the contract has it. */
export function evaluationMessage(
  evaluation: LogEvaluation,
): MessageInitShape<typeof EvaluationSchema> {
  const { split, splitTime, methods } = evaluation;
  return {
    split: split === "time" ? Split.TIME : Split.VIEWER,
    ...(splitTime !== undefined && { splitTime: timestampFromMs(splitTime) }),
    items: BigInt(evaluation.items),
    users: BigInt(evaluation.users),
    interactions: BigInt(evaluation.interactions),
    viewers: BigInt(evaluation.viewers),
    hidden: BigInt(evaluation.hidden),
    hiddenUnknown: BigInt(evaluation.hiddenUnknown),
    methods: methods.map(({ name, metrics }) => ({
      name,
      metrics: metrics.map(({ name: metric, k, value, interval, difference }) => ({
        name: metric,
        k,
        value,
        ...interval,
        ...(difference && { differenceLow: difference.low, differenceHigh: difference.high }),
      })),
    })),
  };
}
