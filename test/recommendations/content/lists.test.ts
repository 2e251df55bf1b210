import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Lists } from "../../../src/recommendations/content/lists.ts";

const list = fc.nat({ max: 200 });
const number = fc.nat({ max: 60 });
const step = fc.oneof(
  fc.record({ act: fc.constant("toggle" as const), list, number }),
  fc.record({ act: fc.constant("set" as const), list, numbers: fc.uniqueArray(number) }),
  fc.record({ act: fc.constant("clear" as const), list }),
);

test("lists are what arrays would be, after any steps", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
      const lists = new Lists();
      const arrays = new Map<number, number[]>();
      for (const one of steps) {
        const array = arrays.get(one.list) ?? [];
        if (one.act === "clear") {
          lists.clear(one.list);
          arrays.delete(one.list);
        } else if (one.act === "set") {
          const numbers = one.numbers.toSorted((a, b) => a - b);
          lists.set(one.list, Uint32Array.from(numbers));
          arrays.set(one.list, numbers);
        } else if (array.includes(one.number)) {
          lists.delete(one.list, one.number);
          arrays.set(
            one.list,
            array.filter((other) => other !== one.number),
          );
        } else {
          lists.insert(one.list, one.number);
          arrays.set(
            one.list,
            [...array, one.number].toSorted((a, b) => a - b),
          );
        }
      }
      for (let k = 0; k <= 201; k++) {
        expect([...lists.of(k)]).toEqual(arrays.get(k) ?? []);
        expect(lists.lengthOf(k)).toBe(arrays.get(k)?.length ?? 0);
      }
    }),
  );
});

test("room that lists leave is taken again", () => {
  const lists = new Lists();
  const fill = (): void => {
    for (let k = 0; k < 500; k++) lists.set(k, new Uint32Array(1 + (k % 20)).fill(k));
  };
  fill();
  const { bytes } = lists;
  for (let round = 0; round < 20; round++) {
    for (let k = 0; k < 500; k++) lists.clear((k * 7) % 500);
    fill();
  }
  expect(lists.bytes).toBe(bytes);
});
