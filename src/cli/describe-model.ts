import { timestampDate } from "@bufbuild/protobuf/wkt";
import type {
  Model,
  TrainModelResponse,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { count } from "./format.ts";

/** What is known of a model, a line for each figure. */
export function describeModel(model: Model | undefined): string {
  if (model === undefined) return "There is no model.";
  const { trainedTime, heldOut } = model;
  const lines = [
    `trained       ${trainedTime === undefined ? "never" : timestampDate(trainedTime).toISOString()}`,
    `items         ${count(model.items)}`,
    `users         ${count(model.users)}`,
    `interactions  ${count(model.interactions)}`,
  ];
  if (heldOut === undefined) {
    lines.push("quality       not measured: too few users to hold any out");
  } else {
    lines.push(
      `recall@20     ${heldOut.recallAt20.toFixed(4)}`,
      `NDCG@10       ${heldOut.ndcgAt10.toFixed(4)}`,
      `NDCG@100      ${heldOut.ndcgAt100.toFixed(4)}`,
      `measured on   ${count(heldOut.users)} users that it was not trained on`,
    );
  }
  return lines.join("\n");
}

/** What came of a training: the model in place, below a word about the new one if it was refused. */
export function describeTraining({ model, refused, comparison }: TrainModelResponse): string {
  if (!refused) return describeModel(model);
  const { learned, inPlace } = comparison ?? {};
  const figures = [learned, inPlace].map((heldOut) => heldOut?.ndcgAt100.toFixed(4) ?? "unknown");
  return [
    "The new model was refused, because it is clearly worse: for the same",
    `${count(learned?.users ?? 0n)} users its NDCG@100 is ${figures[0]}, and ${figures[1]} with the model in place, which stays:`,
    "",
    describeModel(model),
  ].join("\n");
}
