import * as fc from "fast-check";
import { expect, test } from "vitest";
import { placesOf, randomFor, withOthers } from "../../src/recommendations/exploration.ts";
import { caller } from "../support/callers.ts";
import { item, Room } from "./room.ts";

const share = fc.double({ min: 0, max: 1, noNaN: true });

test("the same seed draws the same, another one something else", () => {
  const draws = (seed: string): number[] => Array.from({ length: 4 }, randomFor(seed));
  expect(draws("a")).toEqual(draws("a"));
  expect(draws("a")).not.toEqual(draws("b"));
});

test("the share of places is right on average, and never off by one", () => {
  fc.assert(
    fc.property(share, fc.integer({ min: 0, max: 50 }), (part, places) => {
      const random = randomFor("seed");
      let sum = 0;
      for (let call = 0; call < 500; call++) {
        const count = placesOf(part, places, random);
        expect(Math.abs(count - part * places)).toBeLessThan(1);
        sum += count;
      }
      expect(sum / 500).toBeCloseTo(part * places, 0);
    }),
  );
});

test("what is put into a list keeps its order, its length, and its scores descending", () => {
  const lists = fc
    .integer({ min: 1, max: 20 })
    .chain((length) => fc.tuple(fc.constant(length), fc.integer({ min: 0, max: length })));
  fc.assert(
    fc.property(lists, fc.string(), ([length, count], seed) => {
      const list = Array.from({ length }, (_, place) => ({ index: place, score: length - place }));
      const others = Array.from({ length: count }, (_, k) => 100 + k);
      const make = (index: number, score: number) => ({ index, score });
      const mixed = withOthers(list, others, randomFor(seed), make);
      const indexes = mixed.map(({ index }) => index);
      expect(indexes.filter((index) => index >= 100)).toEqual(others);
      expect(indexes.filter((index) => index < 100)).toEqual(
        list.slice(0, length - count).map(({ index }) => index),
      );
      const scores = mixed.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(Math.min(...scores)).toBeGreaterThan(0);
    }),
  );
});

test("explores what hardly anybody viewed, the same for the same seed", async () => {
  const room = await Room.open();
  const ids = Array.from({ length: 400 }, (_, k) => `book ${k}`);
  await room.catalog.upsert(
    caller(),
    ids.map((id, k) => item(id, k < 20 ? ["rare"] : [])),
  );
  for (let reader = 0; reader < 5; reader++) await room.view(`r${reader}`, ...ids.slice(0, 200));
  const ask = async (options: object): Promise<string[]> =>
    (await room.recommend("", { exploration: 0.3, ...options })).map(({ id }) => id);
  const explored = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const answer = await ask({ seed: `${seed}` });
    expect(answer).toHaveLength(10);
    expect(await ask({ seed: `${seed}` })).toEqual(answer);
    const drawn = answer.filter((id) => Number(id.slice(5)) >= 200);
    expect(drawn.length).toBeGreaterThanOrEqual(2);
    expect(drawn.length).toBeLessThanOrEqual(3);
    for (const id of drawn) explored.add(id);
  }
  // Of the 200 that nobody viewed, many get their turn.
  expect(explored.size).toBeGreaterThan(60);
  // A category with few items is explored too, and nothing else is.
  const rare = await ask({ category: "rare", exploration: 1, maxResults: 30, seed: "s" });
  expect(rare.toSorted()).toEqual(ids.slice(0, 20).toSorted());
});
