import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Kind } from "../../src/recommendations/signals.ts";
import { caller } from "../support/callers.ts";
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
  const room = await Room.open({ trainIntervalMs: 1 });
  await twoGenres(room);
  // The first may join a training that began before all views were there.
  for (let training = 0; training < 2; training++) await room.train();
  const { users } = await room.recommender.model(caller());
  await room.log.eraseViewer(caller(), "viewer 0");
  await expect.poll(async () => (await room.recommender.model(caller())).users).toBe(users - 1);
});
