import type { ServiceImpl } from "@connectrpc/connect";
import {
  EvaluateModelResponse_Stage as Stage,
  Split,
} from "../../../gen/recommendations/v1/evaluation_pb.js";
import type { Recommendations } from "../../../gen/recommendations/v1/recommendations_service_pb.js";
import { callerOf } from "../../caller.ts";
import { wholeMs } from "../../time.ts";
import type { Evaluator } from "./evaluator.ts";
import { evaluationMessage } from "./message.ts";

/** As in the contract. */
const DEFAULT_MAX_VIEWERS = 5_000;

const stages = {
  reading: Stage.READING,
  // What a training calls the choice of its settings.
  evaluating: Stage.LEARNING,
  learning: Stage.LEARNING,
  ranking: Stage.RANKING,
  done: Stage.DONE,
};

/** The handler of EvaluateModel. */
export function evaluationHandlers(
  evaluator: Evaluator,
): Pick<ServiceImpl<typeof Recommendations>, "evaluateModel"> {
  return {
    async *evaluateModel({ split, splitTime, maxViewers, seed }, context) {
      const steps = evaluator.evaluate(callerOf(context), {
        split: split === Split.TIME ? "time" : "viewer",
        splitTime: splitTime && wholeMs(splitTime),
        maxViewers: maxViewers || DEFAULT_MAX_VIEWERS,
        seed,
      });
      for await (const step of steps) {
        const stage = stages[step.stage];
        if (step.stage !== "done") yield { stage, progress: step.progress };
        else yield { stage, progress: 1, evaluation: evaluationMessage(step.evaluation) };
      }
    },
  };
}
