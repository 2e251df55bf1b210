import * as fc from "fast-check";
import { expect, test } from "vitest";
import { KeyIndex } from "../../src/recommendations/key-index.ts";

const key = fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 0xffff_ffff }));

test("an index should find the rows of all keys, and of no others", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 2_000, size: "max" }),
      fc.array(key),
      fc.nat({ max: 300 }),
      (keys, others, room) => {
        const index = new KeyIndex(room);
        for (const [row, one] of keys.entries()) index.add(one, row);
        expect(keys.map((one) => index.find(one))).toEqual([...keys.keys()]);
        const known = new Set(keys);
        const strangers = others.filter((other) => !known.has(other));
        expect(strangers.map((other) => index.find(other))).toEqual(strangers.map(() => -1));
      },
    ),
  );
});
