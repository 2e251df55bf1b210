import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { ConnectError } from "@connectrpc/connect";
import { afterAll, describe, expect, it } from "vitest";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import type { Model } from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer, type ServerProcess } from "../support/process.ts";
import { throwDice } from "./support/dice.ts";
import { trainingPlaces } from "./support/training-places.ts";

const KILLS = 2;
/** So many that a model is written in several pieces. */
const VIDEOS = 600;

/** Viewers from one number to before another, each of whom likes twelve videos of one genre. */
async function recordLikes(client: MarqueeClient, from: number, to: number): Promise<void> {
  for (let viewer = from; viewer < to; viewer++) {
    await client.recommendations.recordFeedback({
      feedback: Array.from({ length: 12 }, (_, k) => ({
        userId: `viewer ${viewer}`,
        itemId: `video ${(5 * (viewer * 7 + k * (k + 1)) + (viewer % 5)) % VIDEOS}`,
        kind: FeedbackKind.LIKE,
      })),
    });
  }
}

async function train(client: MarqueeClient): Promise<Model> {
  for await (const { model } of client.recommendations.trainModel({})) if (model) return model;
  throw new Error("the training did not end");
}

/** The model in place, and what it answers somebody of whom it knows nothing else. */
async function stateOf(client: MarqueeClient): Promise<{ model: Model; answer: string[] }> {
  const { model } = await client.recommendations.getModel({});
  if (model === undefined) throw new Error("there is no model");
  const { recommendations } = await client.recommendations.recommend({
    userId: "viewer 3",
    maxResults: 30,
  });
  return {
    model,
    answer: recommendations.filter((one) => one.reason.startsWith("Because")).map(({ id }) => id),
  };
}

/** Data, and what a server said of them when it had learned a model; it was told of more since. */
interface Learned {
  readonly directory: string;
  readonly state: Awaited<ReturnType<typeof stateOf>>;
}

async function learnOnce(): Promise<Learned> {
  const directory = await mkdtemp(join(tmpdir(), "marquee-test-"));
  const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
  using client = createMarqueeClient({ url: server.url, retry: false });
  await recordLikes(client, 0, 200);
  await train(client);
  const state = await stateOf(client);
  await recordLikes(client, 200, 250);
  expect(await server.stop("SIGTERM")).toBe(0);
  return { directory, state };
}

/** Warnings and errors that a server logged. */
const complaints = ({ lines }: ServerProcess): unknown[] =>
  lines.filter(({ level }) => Number(level) >= 40).map(({ msg }) => msg);

/** How much of a new model is in a file of its own when a server dies. */
const unfinished = {
  "training.read": "none",
  "training.learning": "none",
  "model.writing": "a part",
  "model.before-swap": "all",
  "model.after-swap": "none",
} as const;

async function unfinishedShare(directory: string): Promise<string> {
  const file = join(directory, "models", "0.model.new");
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) return "none";
  // The fourth number says how long the file is to be.
  return bytes.length < bytes.readUInt32LE(12) ? "a part" : "all";
}

describe("a server that dies while it trains", () => {
  let learned: Promise<Learned> | undefined;

  afterAll(async () => {
    const { directory = "" } = (await learned) ?? {};
    await rm(directory, { recursive: true, force: true });
  });

  it.each(trainingPlaces)(
    "should start with the last good model, at %s",
    { timeout: 120_000 },
    async (place) => {
      const dice = throwDice(place);
      const directory = await temporaryDirectory();
      const settings = { MARQUEE_DATA_DIR: directory };
      // It is the same for all places, and is learned once.
      const { directory: source, state: before } = await (learned ??= learnOnce());
      await cp(source, directory, { recursive: true });
      expect(before.answer.length).toBeGreaterThan(5);

      const nth = place === "training.learning" ? 1 + dice.below(4) : 1;
      const second = await spawnServer({ ...settings, MARQUEE_FAILPOINT: `${place}:${nth}` });
      using trainer = createMarqueeClient({ url: second.url, retry: false });
      await expect(train(trainer)).rejects.toThrow(ConnectError);
      const { child } = second;
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      expect(child.signalCode).toBe("SIGKILL");
      expect(await unfinishedShare(directory)).toBe(unfinished[place]);

      const third = await spawnServer(settings);
      using asker = createMarqueeClient({ url: third.url, retry: false });
      const after = await stateOf(asker);
      const isNew = place === "model.after-swap";
      expect(after.model.users).toBe(isNew ? 250n : 200n);
      expect(after.model.position > before.model.position).toBe(isNew);
      expect(after.answer.length).toBeGreaterThan(5);
      expect(isDeepStrictEqual(after, before)).toBe(!isNew);
      expect(complaints(third)).toEqual([]);
      expect(await readdir(join(directory, "models"))).toEqual(["0.model"]);
      expect(await third.stop("SIGTERM")).toBe(0);
    },
  );

  it("should start with a whole model, whenever it is killed", { timeout: 600_000 }, async () => {
    const dice = throwDice(`${KILLS} kills of trainings`);
    const settings = { MARQUEE_DATA_DIR: await temporaryDirectory() };
    let last: Model | undefined;
    for (let round = 0; round < KILLS; round++) {
      const server = await spawnServer(settings);
      using client = createMarqueeClient({ url: server.url, retry: false });
      if (last === undefined) {
        await recordLikes(client, 0, 200);
        last = await train(client);
      }
      await recordLikes(client, 200 + 10 * round, 210 + 10 * round);
      let told: Model | undefined;
      const training = train(client).then(
        (model) => (told = model),
        (error: unknown) => {
          if (!(error instanceof ConnectError)) throw error;
        },
      );
      await sleep(dice.below(dice.oneOf([100, 1_000, 3_000])));
      expect(await server.stop("SIGKILL")).toBe("SIGKILL");
      await training;

      const again = await spawnServer(settings);
      using asker = createMarqueeClient({ url: again.url, retry: false });
      const { model, answer } = await stateOf(asker);
      // What was told stays; what was not told may have come so far.
      const isOld = told === undefined && model.position === last.position;
      expect(model).toEqual(isOld ? last : (told ?? model));
      expect(isOld || model.users === 210n + 10n * BigInt(round)).toBe(true);
      expect(answer.length).toBeGreaterThan(5);
      expect(complaints(again)).toEqual([]);
      last = model;
      expect(await again.stop("SIGTERM")).toBe(0);
    }
  });
});
