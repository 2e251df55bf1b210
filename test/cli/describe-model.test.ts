import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  TrainModelResponseSchema,
  TrainModelResponse_Stage as Stage,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { describeTraining } from "../../src/cli/describe-model.ts";

const heldOut = { users: 120n, recallAt20: 0.4, ndcgAt10: 0.2, ndcgAt100: 0.3412 };
const model = { items: 10n, users: 5_000n, interactions: 60_000n, heldOut };

test("should tell of a model that was refused, and of the one in place", () => {
  const text = describeTraining(
    create(TrainModelResponseSchema, {
      stage: Stage.DONE,
      model,
      refused: true,
      comparison: { learned: { ...heldOut, ndcgAt100: 0.25 }, inPlace: heldOut },
    }),
  );
  expect(text).toContain("was refused");
  expect(text).toContain("120 users its NDCG@100 is 0.2500, and 0.3412 with the model in place");
  expect(text).toContain("NDCG@10       0.2000");
});

test("should tell of a model in place alone where none was refused", () => {
  const response = create(TrainModelResponseSchema, { stage: Stage.DONE, model });
  expect(describeTraining(response)).toMatch(/^trained .*\nitems +10\n/);
});
