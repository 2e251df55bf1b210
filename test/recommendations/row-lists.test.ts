import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RowLists } from "../../src/recommendations/row-lists.ts";

const LISTS = 2_000;
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const list = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: LISTS - 1 }));

const step = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant("append"), list, word }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("filter"), list, word }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clear"), list, word }) },
);

function rowsOf(rows: RowLists, one: number): number[][] {
  return [...rows.places(one)].map((place) => [0, 1, 2].map((index) => rows.word(place, index)));
}

test("lists should be what arrays of their own would be", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 500, size: "max" }), (steps) => {
      const rows = new RowLists();
      const expected = Array.from({ length: LISTS }, (): number[][] => []);
      for (const next of steps) {
        const own = expected[next.list] as number[][];
        switch (next.do) {
          case "append": {
            rows.append(next.list, next.word, own.length, 2 ** 32 - 1);
            own.push([next.word, own.length, 2 ** 32 - 1]);
            break;
          }
          case "filter": {
            const isWanted = (first: number): boolean => first % 3 === next.word % 3;
            rows.filter(next.list, (place) => isWanted(rows.word(place, 0)));
            expected[next.list] = own.filter(([first]) => isWanted(first as number));
            break;
          }
          default:
            rows.clear(next.list);
            expected[next.list] = [];
        }
      }
      for (const [number, own] of expected.entries()) {
        expect(rows.size(number)).toBe(own.length);
        if (own.length === 0) continue;
        expect(rowsOf(rows, number)).toEqual(own);
        const first = own.at(-1)?.[0] as number;
        const place = rows.find(number, first);
        expect([...rows.places(number)].indexOf(place)).toBe(
          own.findIndex((row) => row[0] === first),
        );
      }
      expect(rows.find(LISTS + 1_000_000, 0)).toBe(-1);
    }),
  );
});

test("rows should be told apart in more than one segment", () => {
  const rows = new RowLists();
  const count = 200_000;
  for (let row = 0; row < count; row++) rows.append(row % 7, row, 0, row);
  for (let one = 0; one < 7; one++) {
    let next = one;
    for (const place of rows.places(one)) {
      expect(rows.word(place, 2)).toBe(next);
      next += 7;
    }
    rows.clear(one);
  }
  for (let row = 0; row < 10; row++) rows.append(3, 9, row, 8);
  expect(rowsOf(rows, 3)).toEqual(Array.from({ length: 10 }, (_, row) => [9, row, 8]));
});
