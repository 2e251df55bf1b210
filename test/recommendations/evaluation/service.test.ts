import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { FeedbackKind } from "../../../gen/recommendations/v1/feedback_pb.js";
import {
  EvaluateModelResponse_Stage as Stage,
  Split,
  type EvaluateModelResponse,
} from "../../../gen/recommendations/v1/evaluation_pb.js";
import type { MarqueeClient } from "../../../src/client/index.ts";
import { startServer } from "../../support/server.ts";
import { genreViews } from "./histories.ts";

async function log(client: MarqueeClient, viewers: number): Promise<void> {
  const feedback = genreViews(viewers).map(({ viewer, video, time }) => ({
    userId: `viewer ${viewer}`,
    itemId: `video ${video}`,
    kind: FeedbackKind.VIEW,
    feedbackTime: timestampFromMs(time),
  }));
  for (let at = 0; at < feedback.length; at += 1_000) {
    await client.recommendations.recordFeedback({ feedback: feedback.slice(at, at + 1_000) });
  }
}

async function all(stream: AsyncIterable<EvaluateModelResponse>): Promise<EvaluateModelResponse[]> {
  const messages: EvaluateModelResponse[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

const failure = (call: Promise<unknown>): Promise<ConnectError> =>
  call.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => ConnectError.from(error),
  );

it("should evaluate on the log, in both ways, and leave the model in place alone", async () => {
  const { client } = await startServer();
  await log(client, 400);
  const { recommendations } = client;
  const messages = await all(recommendations.evaluateModel({}));
  const stages = new Set(messages.map(({ stage }) => stage));
  expect([...stages]).toEqual([Stage.READING, Stage.LEARNING, Stage.RANKING, Stage.DONE]);
  const { evaluation } = messages.at(-1) ?? {};
  expect(evaluation).toMatchObject({ split: Split.VIEWER, viewers: 40n, users: 360n });
  expect(evaluation?.splitTime).toBeUndefined();
  const [model, popularity] = evaluation?.methods ?? [];
  expect(model?.metrics.map(({ name, k }) => `${name}@${k}`)).toEqual([
    "recall@20",
    "ndcg@10",
    "ndcg@100",
    "mrr@100",
    "coverage@20",
    "novelty@20",
    "popularity_lift@20",
  ]);
  expect(popularity?.metrics[0]?.differenceHigh).toBeLessThan(0);
  const again = await all(recommendations.evaluateModel({}));
  expect(again.at(-1)?.evaluation).toEqual(evaluation);

  const byTime = await all(recommendations.evaluateModel({ split: Split.TIME, maxViewers: 100 }));
  const time = byTime.at(-1)?.evaluation;
  // Of ten days, the last two.
  expect(time).toMatchObject({
    split: Split.TIME,
    viewers: 100n,
    splitTime: timestampFromMs(86_400_000 * 20_008),
  });
  const error = await failure(recommendations.getModel({}));
  expect(error.code).toBe(Code.NotFound);
});

it("should say what is missing, and name the field of what is wrong", async () => {
  const { client } = await startServer();
  await log(client, 20);
  const { recommendations } = client;
  const few = await failure(all(recommendations.evaluateModel({})));
  expect(few.code).toBe(Code.FailedPrecondition);
  expect(few.rawMessage).toMatch(/^there are fewer than 10 viewers to rank for: /);
  const empty = await failure(
    all(recommendations.evaluateModel({ split: Split.TIME, splitTime: timestampFromMs(1e12) })),
  );
  expect(empty.code).toBe(Code.FailedPrecondition);
  const wrong = await failure(
    all(recommendations.evaluateModel({ splitTime: timestampFromMs(1e12), maxViewers: 9 })),
  );
  expect(wrong.rawMessage).toBe(
    "max_viewers: From 10 to 100000, not 9.; split_time: Only with the split SPLIT_TIME.",
  );
});

it("should run one at a time, and end when its caller goes", async () => {
  const { client } = await startServer();
  await log(client, 400);
  const { recommendations } = client;
  const leaving = new AbortController();
  const first = recommendations.evaluateModel({}, { signal: leaving.signal });
  await first[Symbol.asyncIterator]().next();
  const second = await failure(all(recommendations.evaluateModel({})));
  expect(second.code).toBe(Code.FailedPrecondition);
  expect(second.rawMessage).toBe("another evaluation is running");
  leaving.abort();
  await expect
    .poll(() => all(recommendations.evaluateModel({})).then((messages) => messages.at(-1)?.stage))
    .toBe(Stage.DONE);
});
