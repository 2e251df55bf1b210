import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TopN } from "../../src/recommendations/top-n.ts";

test("keeps the best of all, of equal scores the lower numbers, in their order", () => {
  const scores = fc.array(fc.constantFrom(-Infinity, -1, 0, 0.5, 1, 2, 3));
  fc.assert(
    fc.property(scores, fc.integer({ min: 0, max: 8 }), fc.nat(), (values, capacity, rotation) => {
      const all = values.map((score, id) => ({ id, score }));
      const top = new TopN(capacity);
      const start = values.length === 0 ? 0 : rotation % values.length;
      for (const { id, score } of [...all.slice(start), ...all.slice(0, start)]) {
        top.push(id, score);
      }
      const expected = all
        .toSorted((a, b) => (a.score === b.score ? a.id - b.id : a.score > b.score ? -1 : 1))
        .slice(0, capacity)
        .map(({ id }) => id);
      expect(top.takeIds()).toEqual(expected);
      expect(top.size).toBe(0);
    }),
  );
});
