import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  TrainModelResponse_Stage as Stage,
  type TrainModelResponse,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { hashOf } from "../../src/recommendations/model/held-out.ts";
import { randomFrom } from "../../src/random.ts";
import { Kind } from "../../src/recommendations/signals.ts";
import { TRAINING_SEED } from "../../src/recommendations/training-seed.ts";
import { caller } from "../support/callers.ts";
import { view } from "../support/views.ts";
import { clientOf } from "./client.ts";
import { Room } from "./room.ts";

const GENRES = 12;
/** Enough that 35 of them are judges. */
const READERS = 1_400;
const WARNING = "a model was learned that is clearly worse than the one in place, which stays";

/** What a reader views: seven videos of one genre, of its twelve. */
function tasteOf(reader: number): string[] {
  const first = Math.floor(reader / GENRES);
  return Array.from({ length: 7 }, (_, k) => `${reader % GENRES}-${(first + k) % 12}`);
}

async function readAll(room: Room, readers: readonly number[]): Promise<void> {
  const time = Date.now();
  const views = readers.flatMap((reader) =>
    tasteOf(reader).map((video) => view({ viewer: `reader ${reader}`, video, time })),
  );
  for (let from = 0; from < views.length; from += 2_000) {
    const some = views.slice(from, from + 2_000);
    await Promise.all(some.map((one) => room.log.appendView(caller(), one)));
  }
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, k) => from + k);

/** The readers that a model was learned from. */
async function learnedFrom(room: Room): Promise<number[]> {
  const { judgesTo } = await room.recommender.model(caller());
  const isJudge = async (reader: number): Promise<boolean> => {
    const viewer = await room.log.findName(0, "viewer", `reader ${reader}`);
    return hashOf(viewer as number, TRAINING_SEED) <= judgesTo;
  };
  const readers = numbers(0, READERS);
  const judges = await Promise.all(readers.map(isJudge));
  return readers.filter((reader) => judges[reader] === false);
}

/** They dislike what they viewed, as if likes were sent as dislikes, and like anything. */
async function spoil(room: Room, readers: readonly number[]): Promise<void> {
  const random = randomFrom(7);
  const below = (count: number): number => Math.floor(count * random());
  for (const reader of readers) {
    const viewer = `reader ${reader}`;
    const liked = new Set(Array.from({ length: 10 }, () => `${below(GENRES)}-${below(12)}`));
    const feedback = [
      ...tasteOf(reader).map((video) => ({ video, kind: Kind.DISLIKE })),
      ...[...liked].map((video) => ({ video, kind: Kind.LIKE })),
    ];
    await room.recommender.recordFeedback(
      caller(),
      feedback.map((one) => ({ ...one, viewer, value: 0, time: undefined })),
    );
  }
}

async function train(room: Room): Promise<TrainModelResponse> {
  for await (const step of clientOf(room).trainModel({})) {
    if (step.stage === Stage.DONE) return step;
  }
  throw new Error("the training did not end");
}

test("a model that is clearly worse is refused, unless the one in place must go", async () => {
  const room = await Room.open();
  const file = join(room.directory, "models", "0.model");
  await readAll(room, numbers(0, READERS));
  const first = await train(room);
  expect([first.refused, first.comparison]).toEqual([false, undefined]);
  const bytes = await readFile(file);
  const others = await learnedFrom(room);
  expect(others).toHaveLength(READERS - 35);
  await spoil(room, others);

  const second = await train(room);
  expect(second).toMatchObject({ refused: true, progress: 1, model: first.model });
  const { learned, inPlace } = second.comparison ?? {};
  expect([learned?.users, inPlace?.users]).toEqual([35n, 35n]);
  expect(inPlace?.ndcgAt100).toBe(first.model?.heldOut?.ndcgAt100);
  expect(learned?.ndcgAt100).toBeLessThan(0.95 * (inPlace?.ndcgAt100 ?? 0));
  expect(room.warnings).toEqual([WARNING]);
  expect((await clientOf(room).getModel({})).model).toEqual(first.model);
  expect(await readFile(file)).toEqual(bytes);
  // A new viewer gets what the model in place has learned.
  await room.view("new", "3-0", "3-1", "3-2");
  const ids = (await room.recommend("new", { maxResults: 4 })).map(({ id }) => id);
  expect(ids.every((id) => id.startsWith("3-"))).toBe(true);
  await room.reopenRecommender();
  expect((await clientOf(room).getModel({})).model).toEqual(first.model);

  await room.log.eraseViewer(caller(), "reader 0");
  const third = await train(room);
  expect(third.refused).toBe(false);
  expect(third.comparison?.learned?.ndcgAt100).toBeLessThan(
    0.95 * (third.comparison?.inPlace?.ndcgAt100 ?? 0),
  );
  expect(third.model?.position).toBe(BigInt(room.log.position));
  expect((await clientOf(room).getModel({})).model).toEqual(third.model);
  expect(room.warnings).toEqual([WARNING]);
  await room.reopenRecommender();
  expect((await clientOf(room).getModel({})).model).toEqual(third.model);
});

test("after a refusal, it trains by itself when enough has changed again", async () => {
  const room = await Room.open();
  await readAll(room, numbers(0, READERS));
  await train(room);
  const before = await room.recommender.model(caller());
  await spoil(room, await learnedFrom(room));
  await room.close();

  const next = await Room.open({ directory: room.directory, trainIntervalMs: 1 });
  await expect.poll(() => next.warnings).toEqual([WARNING]);
  expect(await next.recommender.model(caller())).toEqual(before);
  // The same would be refused again: it is not tried.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(next.warnings).toEqual([WARNING]);
  await readAll(next, numbers(READERS, 4 * READERS));
  await expect
    .poll(async () => (await next.recommender.model(caller())).users)
    .toBeGreaterThan(2 * READERS);
});
