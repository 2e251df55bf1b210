import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { ModelInfo } from "../../src/recommendations/model/model.ts";
import type { TrainingStep } from "../../src/recommendations/recommendation.ts";
import { Kind } from "../../src/recommendations/signals.ts";
import { caller } from "../support/callers.ts";
import { rating } from "../support/views.ts";
import { Room, twoGenres } from "./room.ts";

async function stepsOf(
  room: Room,
  onStep: (step: TrainingStep) => void = () => {},
): Promise<TrainingStep[]> {
  const steps: TrainingStep[] = [];
  for await (const step of room.recommender.train(caller())) {
    steps.push(step);
    onStep(step);
  }
  return steps;
}

function modelOf(steps: readonly TrainingStep[]): ModelInfo {
  const last = steps.at(-1);
  if (last?.stage !== "done") throw new Error("the training did not end");
  return last.model;
}

test("a training tells its stages in their order, and ends with the model in place", async () => {
  const room = await Room.open();
  await expect(room.recommender.model(caller())).rejects.toMatchObject({
    code: "not_found",
    reason: "MODEL_NOT_FOUND",
  });
  await twoGenres(room);
  const steps = await stepsOf(room);
  const order = ["reading", "evaluating", "learning", "done"];
  const stages = steps.map(({ stage }) => order.indexOf(stage));
  expect(stages).toEqual(stages.toSorted((a, b) => a - b));
  expect(stages[0]).toBe(0);
  for (const step of steps) {
    if (step.stage === "done") continue;
    expect(step.progress).toBeGreaterThanOrEqual(0);
    expect(step.progress).toBeLessThanOrEqual(1);
  }
  const model = modelOf(steps);
  expect(model).toMatchObject({ items: 20, users: 80, position: room.log.position });
  expect(await room.recommender.model(caller())).toEqual(model);
});

test("a model is learned from the pairs that speak for an item, each counted once", async () => {
  const room = await Room.open();
  await room.view("ann", "film", "film", "clip");
  await room.feedback("ann", "film", Kind.LIKE);
  await room.feedback("ann", "book", Kind.RATING, 3);
  await room.feedback("ann", "bad", Kind.RATING, 2);
  await room.view("ann", "boring");
  await room.feedback("ann", "boring", Kind.DISLIKE);
  await room.feedback("bob", "bad", Kind.DISMISS);
  await room.view("", "film");
  const model = modelOf(await stepsOf(room));
  expect(model).toMatchObject({ items: 3, users: 1, interactions: 3, heldOut: undefined });
});

test("held-out users are judged when there are enough", async () => {
  const room = await Room.open();
  await twoGenres(room);
  const { heldOut } = modelOf(await stepsOf(room));
  // Viewers have four to six different videos each; a twentieth of those with five or more.
  expect(heldOut?.users).toBeGreaterThan(0);
  expect(heldOut?.recallAt20).toBe(1);
  expect(heldOut?.ndcgAt100).toBeGreaterThan(0);
});

test("calls that arrive while a training runs join it", async () => {
  const room = await Room.open();
  await twoGenres(room);
  const models = (await Promise.all([stepsOf(room), stepsOf(room), stepsOf(room)])).map(modelOf);
  // The same, down to the millisecond in which the training ended.
  expect(models[1]).toBe(models[0]);
  expect(models[2]).toBe(models[0]);
  expect(modelOf(await stepsOf(room))).not.toBe(models[0]);
});

test("a call is answered with what was learned from all that came before it", async () => {
  const room = await Room.open();
  await twoGenres(room);
  const read = Promise.withResolvers<void>();
  const first = stepsOf(room, ({ stage }) => {
    if (stage !== "reading") read.resolve();
  });
  await read.promise;
  await room.view("late", "a0", "a4");
  const { position } = room.log;
  expect(modelOf(await stepsOf(room)).position).toBe(position);
  expect(modelOf(await first).position).toBeLessThan(position);
});

test("a training that nobody asked for gives way to one that knows more", async () => {
  const room = await Room.open({ trainIntervalMs: 60_000 });
  await rate(room, 0, 150);
  // More than enough for a training, which begins with the first hundred.
  await vi.waitFor(() => expect(room.news).toContain("a training begins"));
  await twoGenres(room);
  expect(modelOf(await stepsOf(room)).position).toBe(room.log.position);
  expect(room.warnings).toEqual([]);
});

test("a training of nothing makes a model of nothing", async () => {
  const room = await Room.open();
  expect(modelOf(await stepsOf(room))).toMatchObject({ items: 0, users: 0, interactions: 0 });
  await room.reopenRecommender();
  expect(await room.recommender.model(caller())).toMatchObject({ items: 0 });
});

test("a restart finds the last model, and answers as before", async () => {
  const room = await Room.open();
  await twoGenres(room);
  await room.train();
  await room.view("reader", "a0", "a4");
  const [model, answer] = [await room.recommender.model(caller()), await room.recommend("reader")];
  await room.reopenRecommender();
  expect(await room.recommender.model(caller())).toEqual(model);
  const ids = answer.filter((one) => one.reason.startsWith("Because")).map((one) => one.id);
  expect(ids.length).toBeGreaterThan(0);
  const again = await room.recommend("reader");
  expect(again.slice(0, ids.length).map((one) => one.id)).toEqual(ids);
  expect(room.warnings).toEqual([]);
});

test("a damaged model is refused with a warning, and the server goes on without", async () => {
  const room = await Room.open();
  await twoGenres(room);
  await room.train();
  const file = join(room.directory, "models", "0.model");
  const bytes = await readFile(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  await writeFile(file, bytes);
  await room.reopenRecommender();
  expect(room.warnings).toEqual(["the model cannot be used; another one will be learned"]);
  await expect(room.recommender.model(caller())).rejects.toMatchObject({ code: "not_found" });
  expect((await room.recommend("viewer 0"))[0]?.reason).toBe("Trending now");
  await room.train();
  await room.reopenRecommender();
  expect(room.warnings).toHaveLength(1);
});

test("a model of another log is refused", async () => {
  const old = await Room.open();
  await twoGenres(old);
  await old.train();
  const bytes = await readFile(join(old.directory, "models", "0.model"));
  const room = await Room.open();
  await room.train();
  await writeFile(join(room.directory, "models", "0.model"), bytes);
  await room.reopenRecommender();
  expect(room.warnings).toHaveLength(1);
});

async function rate(room: Room, from: number, count: number): Promise<void> {
  const feedback = Array.from({ length: count }, (_, k) =>
    rating({ viewer: `viewer ${(from + k) % 17}`, video: `video ${from + k}` }),
  );
  await room.recommender.recordFeedback(caller(), feedback);
}

test("it trains by itself once enough has changed, and not before", async () => {
  const room = await Room.open({ trainIntervalMs: 1 });
  await rate(room, 0, 99);
  await room.recommender.caughtUp();
  // What it would begin by itself begins in the next turns of the event loop.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(room.news).toEqual([]);
  await rate(room, 99, 1);
  await vi.waitFor(() => room.recommender.model(caller()), { timeout: 30_000 });
  expect(await room.recommender.model(caller())).toMatchObject({ interactions: 100 });
  await rate(room, 100, 100);
  await vi.waitFor(
    async () => expect(await room.recommender.model(caller())).toMatchObject({ interactions: 200 }),
    { timeout: 30_000 },
  );
});

test("it trains at the start when there is no model, but the log has enough", async () => {
  const room = await Room.open();
  await rate(room, 0, 100);
  await room.recommender.caughtUp();
  await expect(room.recommender.model(caller())).rejects.toMatchObject({ code: "not_found" });
  await room.close();
  const next = await Room.open({ directory: room.directory, trainIntervalMs: 86_400_000 });
  await vi.waitFor(() => next.recommender.model(caller()), { timeout: 30_000 });
});

test("it does not train at the start when the last model knows enough", async () => {
  const room = await Room.open();
  await rate(room, 0, 150);
  await room.train();
  await rate(room, 150, 99);
  const model = await room.recommender.model(caller());
  await room.close();
  const next = await Room.open({ directory: room.directory, trainIntervalMs: 1 });
  await next.recommender.caughtUp();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(next.news).toEqual([]);
  expect(await next.recommender.model(caller())).toEqual(model);
  await rate(next, 249, 1);
  await vi.waitFor(
    async () => expect(await next.recommender.model(caller())).toMatchObject({ interactions: 250 }),
    { timeout: 30_000 },
  );
});

test("closing ends a training, and tells who waits for it", async () => {
  const room = await Room.open();
  await twoGenres(room);
  const steps = stepsOf(room);
  const closed = room.recommender.close();
  await expect(steps).rejects.toMatchObject({ code: "unavailable" });
  await closed;
});
