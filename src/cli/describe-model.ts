import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Model } from "../../gen/recommendations/v1/recommendations_service_pb.js";
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
      `NDCG@100      ${heldOut.ndcgAt100.toFixed(4)}`,
      `measured on   ${count(heldOut.users)} users that it was not trained on`,
    );
  }
  return lines.join("\n");
}
