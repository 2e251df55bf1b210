import * as fc from "fast-check";
import { expect, test } from "vitest";
import { randomFrom } from "../../src/random.ts";
import { Kind } from "../../src/recommendations/signals.ts";
import { Room } from "./room.ts";

const ITEMS = 60;
const kinds = [Kind.VIEW, Kind.LIKE, Kind.PURCHASE];

/** A model of viewers of three tastes, drawn by a seed: each views 12 of 60 items. */
async function trained(seed: number): Promise<Room> {
  const random = randomFrom(seed);
  const room = await Room.open();
  for (let viewer = 0; viewer < 150; viewer++) {
    const videos = Array.from({ length: 12 }, () => {
      const any = Math.floor(ITEMS * random() ** 1.3);
      return `item ${random() < 0.8 ? any - (any % 3) + (viewer % 3) : any}`;
    });
    await room.view(`viewer ${viewer}`, ...new Set(videos));
  }
  await room.train();
  return room;
}

const likes = fc.uniqueArray(
  fc.record({ id: fc.nat(ITEMS - 1).map((k) => `item ${k}`), kind: fc.constantFrom(...kinds) }),
  { minLength: 2, maxLength: 12, selector: ({ id }) => id },
);

test("an explanation names what the viewer has, without which the score is lower", async () => {
  let readers = 0;
  let explained = 0;
  for (const seed of [1, 2, 3]) {
    const room = await trained(seed);
    const scoreFor = async (user: string, id: string): Promise<number> => {
      const all = await room.recommend(user, { maxResults: 1_000, includeSeen: true });
      const found = all.find((one) => one.id === id && one.reason.startsWith("Because"));
      return found?.score ?? 0;
    };
    await fc.assert(
      fc.asyncProperty(likes, fc.nat(4), async (own, pick) => {
        const reader = `reader ${++readers}`;
        for (const { id, kind } of own) await room.feedback(reader, id, kind);
        const answer = await room.recommend(reader, { explain: true, maxResults: 5 });
        const one = answer[pick % answer.length];
        if (one?.reason.startsWith("Because") !== true) return;
        const [first] = one.contributions;
        expect(one.reason.endsWith(` ${first?.itemId}`)).toBe(true);
        for (const { itemId, share } of one.contributions) {
          const without = own.filter(({ id }) => id !== itemId);
          expect(without).toHaveLength(own.length - 1);
          // Less than that is lost in the rounding of single precision.
          if (share < 0.001) continue;
          const other = `${reader} without ${itemId}`;
          for (const { id, kind } of without) await room.feedback(other, id, kind);
          expect(await scoreFor(other, one.id)).toBeLessThan(one.score);
          explained++;
        }
      }),
      { numRuns: 25 },
    );
  }
  expect(explained).toBeGreaterThan(100);
});

test("the short reason names one of them too", async () => {
  const room = await trained(4);
  await room.view("reader", "item 0", "item 3", "item 7");
  const [plain, explained] = [
    await room.recommend("reader"),
    await room.recommend("reader", { explain: true }),
  ];
  expect(explained.map(({ id }) => id)).toEqual(plain.map(({ id }) => id));
  for (const [place, { reason, contributions }] of plain.entries()) {
    expect(contributions).toEqual([]);
    const ids = explained[place]?.contributions.map(({ itemId }) => itemId) ?? [];
    // What trends has no contributions.
    const reasons = ids.map((id) => `Because you viewed ${id}`);
    expect(ids.length === 0 ? ["Trending now"] : reasons).toContain(reason);
  }
});
