import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { SharedMemory } from "../../src/recommendations/model/kernels/webassembly.ts";
import { decodeModel, readModelFile } from "../../src/recommendations/model/model-file.ts";
import { Kind } from "../../src/recommendations/signals.ts";
import { caller } from "../support/callers.ts";
import { startServer } from "../support/server.ts";
import { view } from "../support/views.ts";
import { item, Room, twoGenres } from "./room.ts";

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const VIEWERS = ["ann", "ben", "cem", ""];
const VIDEOS = ["a", "b", "c", "d", "e", "f"];

const named = { viewer: fc.constantFrom(...VIEWERS), video: fc.constantFrom(...VIDEOS) };
const isOld = fc.boolean();
const viewing = fc.record({ ...named, old: isOld, type: fc.constant("view") });
const erasing = fc.record({ ...named, type: fc.constant("erase") });
const trimming = fc.constant({ type: "trim" });
const rated = fc.integer({ min: 1, max: 5 });
const saying = (kinds: readonly number[]): fc.Arbitrary<Step> =>
  fc.record({
    ...named,
    old: isOld,
    value: rated,
    type: fc.constant("feedback"),
    kind: fc.constantFrom(...kinds),
  });

type Step = {
  type: string;
  viewer?: string;
  video?: string;
  old?: boolean;
  kind?: number;
  value?: number;
};

/** Does a step; no two of them are about the same time, so that no two sums are the same. */
async function take(room: Room, one: Step, number: number, oldMs: number): Promise<void> {
  const now = Date.now();
  const { type, viewer = "", video = "", kind = 0, value = 0 } = one;
  const time = now - (one.old === true ? oldMs : 30 * DAY_MS) + number * 3_600_000;
  if (type === "view") await room.log.appendView(caller(), view({ viewer, video, time }));
  else if (type === "trim") await room.log.trimViews(caller(), now - YEAR_MS);
  else if (viewer === "") return;
  else if (type === "erase") await room.log.eraseViewer(caller(), viewer);
  else await room.log.appendFeedback(caller(), [{ viewer, video, kind, value, time }]);
}

/** All that a recommender tells, without scores, which are rounded. */
async function answersOf(room: Room): Promise<unknown> {
  const answers = VIEWERS.flatMap((user) =>
    [false, true].map(async (includeSeen) =>
      (await room.recommend(user, { includeSeen })).map(({ id, reason }) => `${id}: ${reason}`),
    ),
  );
  const trending = await room.recommender.trendingItems(caller(), "", 10);
  return [await Promise.all(answers), trending.map(({ id }) => id)];
}

/** Compares what a recommender knows after some steps with what one knows that begins then. */
async function compare(steps: fc.Arbitrary<Step>, oldMs: number): Promise<void> {
  let room = await Room.open();
  const { directory } = room;
  await room.catalog.upsert(
    caller(),
    VIDEOS.map((id) => item(id)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 10, maxLength: 40 }), async (taken) => {
      for (const [number, one] of taken.entries()) await take(room, one, number, oldMs);
      const answers = await answersOf(room);
      // The log as well: it has what was removed in its memory, which followers get.
      await room.close();
      room = await Room.open({ directory });
      expect(await answersOf(room)).toEqual(answers);
      for (const viewer of VIEWERS) {
        if (viewer !== "") await room.log.eraseViewer(caller(), viewer);
      }
      await room.log.trimViews(caller(), Date.now());
    }),
    { numRuns: 12 },
  );
}

/** Each run opens log and state again: milliseconds. */
const patient = { timeout: 240_000 };

test("should know after erasures what it would know if it were made anew", patient, async () => {
  const steps = fc.oneof(
    { weight: 8, arbitrary: viewing },
    { weight: 4, arbitrary: saying(Object.values(Kind).filter((kind) => kind > 0)) },
    { weight: 3, arbitrary: erasing },
  );
  await expect(compare(steps, 90 * DAY_MS)).resolves.toBeUndefined();
});

test("should know without old views what it would know if it were made anew", patient, async () => {
  const steps = fc.oneof(
    { weight: 8, arbitrary: viewing },
    // None as old as what is trimmed: of a video that is liked, the sum keeps views that were dropped.
    {
      weight: 4,
      arbitrary: saying([Kind.LIKE, Kind.DISMISS]).map((opinion) => ({ ...opinion, old: false })),
    },
    { weight: 2, arbitrary: trimming },
  );
  // What is years old weighs nothing beside what is not.
  await expect(compare(steps, 3 * YEAR_MS)).resolves.toBeUndefined();
});

test("should learn nothing from who was erased, and nothing from views that are gone", async () => {
  const room = await Room.open();
  await room.view("ann", "a", "b");
  await room.view("ben", "a", "b");
  const old = { time: Date.now() - YEAR_MS };
  for (const video of ["c", "d"]) {
    await room.log.appendView(caller(), view({ viewer: "cem", video, ...old }));
  }
  await room.train();
  expect(await room.recommender.model(caller())).toMatchObject({ users: 3, interactions: 6 });
  await room.log.eraseViewer(caller(), "ann");
  await room.log.trimViews(caller(), Date.now() - DAY_MS);
  await room.train();
  expect(await room.recommender.model(caller())).toMatchObject({ users: 1, interactions: 2 });
});

test("should learn a new model by itself once one has learned from who is erased", async () => {
  const room = await Room.open();
  await twoGenres(room);
  await room.train();
  await room.close();
  const next = await Room.open({ directory: room.directory, trainIntervalMs: 1 });
  const { users } = await next.recommender.model(caller());
  await next.log.eraseViewer(caller(), "viewer 0");
  await expect.poll(async () => (await next.recommender.model(caller())).users).toBe(users - 1);
});

/** A part of a model file that does not tell when, and from how much of which log, it was learned. */
async function learnedIn(room: Room): Promise<unknown> {
  const memory = await readModelFile(join(room.directory, "models", "0.model"));
  const { info, ...parts } = decodeModel(memory as SharedMemory);
  return { ...parts, users: info.users, interactions: info.interactions, heldOut: info.heldOut };
}

test("should leave no trace of who was erased in the file of the next model", async () => {
  const [ours, without] = [await Room.open(), await Room.open()];
  for (const room of [ours, without]) {
    await twoGenres(room);
    // So that the numbers of the log are the same in both.
    await room.view("another", "a0", "a1", "b1");
  }
  const name = "ann-who-will-be-erased";
  await ours.view(name, "a0", "b0", "of ann alone");
  await ours.feedback(name, "b3", Kind.LIKE);
  await ours.train();
  const before = await learnedIn(ours);
  await ours.log.eraseViewer(caller(), name);
  await ours.train();
  await without.train();
  const after = await learnedIn(ours);
  expect(after).not.toEqual(before);
  expect(after).toEqual(await learnedIn(without));
  const files = await readdir(join(ours.directory, "models"));
  expect(files).toEqual(["0.model"]);
  const bytes = await readFile(join(ours.directory, "models", "0.model"));
  expect(bytes.includes(name)).toBe(false);
  expect(bytes.includes("of ann alone")).toBe(false);
});

test("should treat who was erased as a stranger at once, over the wire too", async () => {
  const { client } = await startServer();
  for (let viewer = 0; viewer < 40; viewer++) {
    const genre = viewer % 2 === 0 ? "a" : "b";
    for (let k = 0; k < 5; k++) {
      await client.analytics.logView({
        videoName: `${genre}${(viewer + k) % 8}`,
        viewerId: `viewer ${viewer}`,
      });
    }
  }
  const train = async (): Promise<void> => {
    for await (const _ of client.recommendations.trainModel({}));
  };
  const answer = async (userId: string): Promise<string[]> => {
    const { recommendations } = await client.recommendations.recommend({ userId });
    return recommendations.map(({ id, reason }) => `${id}: ${reason}`);
  };
  await train();
  const mine = await answer("viewer 0");
  expect(mine[0]).toContain("Because");
  const stranger = await answer("nobody ever");
  expect(mine).not.toEqual(stranger);
  await client.analytics.eraseViewer({ viewerId: "viewer 0" });
  // Without a training in between, and after one; what they viewed alone has left the trends.
  expect(await answer("viewer 0")).toEqual(await answer("nobody ever"));
  await train();
  expect(await answer("viewer 0")).toEqual(await answer("nobody ever"));
  expect((await client.recommendations.getModel({})).model?.users).toBe(39n);
  // Under the same name they begin anew.
  await client.analytics.logView({ videoName: "a1", viewerId: "viewer 0" });
  const again = await answer("viewer 0");
  expect(again[0]).toContain("Because you viewed a1");
});
