import {
  TrainModelResponse_Stage as Stage,
  type HeldOutMetrics,
  type TrainModelResponse,
} from "../../../../gen/recommendations/v1/recommendations_service_pb.js";
import { exactCount, share } from "./format.ts";

const stages: Readonly<Record<number, { readonly text: string; readonly from: number }>> = {
  [Stage.READING]: { text: "Reading the log", from: 0 },
  [Stage.EVALUATING]: { text: "Judging on held-out viewers", from: 0.1 },
  [Stage.LEARNING]: { text: "Learning from everybody", from: 0.6 },
  [Stage.DONE]: { text: "Done", from: 1 },
};
const order = [Stage.READING, Stage.EVALUATING, Stage.LEARNING, Stage.DONE];

/** How far a training is: in words, and from 0 to 1. */
export function trainingProgress({ stage, progress }: TrainModelResponse): {
  text: string;
  progress: number;
} {
  const { text, from } = stages[stage] ?? { text: "Beginning", from: 0 };
  const next = stages[order[order.indexOf(stage) + 1] ?? Stage.DONE]?.from ?? 1;
  return { text, progress: from + (next - from) * progress };
}

/** What became of a training, once it is done. */
export function trainingOutcome({ refused, comparison }: TrainModelResponse): string {
  const { learned, inPlace } = comparison ?? {};
  const beside =
    learned === undefined || inPlace === undefined
      ? ""
      : ` (quality ${quality(learned)}, before ${quality(inPlace)})`;
  return refused
    ? `The new model is clearly worse${beside}: the one from before stays.`
    : `The new model is in place${beside}.`;
}

function quality({ ndcgAt100 }: HeldOutMetrics): string {
  return ndcgAt100.toFixed(3);
}

/** What the metrics of held-out viewers say, in a sentence. */
export function heldOutText({ users, recallAt20 }: HeldOutMetrics): string {
  const viewers = users === 1n ? "one held-out viewer" : `${exactCount(users)} held-out viewers`;
  return `Of what ${viewers} liked, ${share(recallAt20)} was among the first 20 recommended.`;
}
