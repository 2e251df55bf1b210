import * as fc from "fast-check";
import { expect, test } from "vitest";
import { groupUsers, hashOf, splitItems } from "../../../src/recommendations/model/held-out.ts";
import { MatrixBuilder, type Interactions } from "../../../src/recommendations/model/matrix.ts";

/** Users of the given numbers; each likes 8 videos. */
function interactionsOf(users: Iterable<number>): Interactions {
  const builder = new MatrixBuilder();
  for (const user of users) {
    for (let k = 0; k < 8; k++) builder.add((user + k) % 50, 1);
    builder.endUser(user);
  }
  return builder.build();
}

const numbersOf = (rows: Uint32Array, { users }: Interactions): number[] =>
  [...rows].map((row) => users[row] as number);

test("should put every user into one of the groups", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), fc.nat(), (count, seed) => {
      const { matrix, users } = interactionsOf(Array(count).keys());
      const { judges, tuners, others } = groupUsers(matrix, users, seed);
      const rows = [...judges, ...tuners, ...others].toSorted((a, b) => a - b);
      expect(rows).toEqual([...Array(count).keys()]);
    }),
  );
});

test("should hold nobody out of a few users, and nobody who likes little", () => {
  const few = interactionsOf(Array(39).keys());
  expect(groupUsers(few.matrix, few.users, 1).judges).toHaveLength(0);
  const builder = new MatrixBuilder();
  for (let user = 0; user < 500; user++) {
    for (let k = 0; k < 4; k++) builder.add(k, 1);
    builder.endUser();
  }
  const { matrix, users } = builder.build();
  expect(groupUsers(matrix, users, 1).others).toHaveLength(500);
});

test("should keep most judges when users come and go", () => {
  const before = interactionsOf(Array(4_000).keys());
  const after = interactionsOf([...Array(4_400).keys()].filter((user) => user % 10 !== 3));
  const groups = [before, after].map((one) => ({
    one,
    judges: numbersOf(groupUsers(one.matrix, one.users, 7).judges, one),
  }));
  const [old, next] = groups.map(({ judges }) => new Set(judges)) as [Set<number>, Set<number>];
  const stayed = [...next].filter((user) => old.has(user) || user >= 4_000);
  expect(stayed.length / next.size).toBeGreaterThan(0.9);
});

test("should give four fifths and hide the rest, the same for a seed", () => {
  const { matrix } = interactionsOf(Array(20).keys());
  const rows = Uint32Array.of(3, 11);
  const { given, hidden } = splitItems(matrix, rows, 5);
  for (const [index, row] of rows.entries()) {
    const of = (one: typeof given, at: number) => [
      ...one.columns.subarray(one.offsets[at], one.offsets[at + 1]),
    ];
    expect(of(given, index)).toHaveLength(6);
    expect([...of(given, index), ...of(hidden, index)].toSorted()).toEqual(
      of(matrix, row).toSorted(),
    );
  }
  expect(splitItems(matrix, rows, 5)).toEqual({ given, hidden });
});

test("should keep those from being learned from who may be judges later", () => {
  const builder = new MatrixBuilder();
  for (let user = 0; user < 4_000; user++) {
    for (let k = 0; k < (user % 2 === 0 ? 8 : 4); k++) builder.add((user + k) % 50, 1);
    builder.endUser(user);
  }
  const { matrix, users } = builder.build();
  const { judges, reserved, judgesTo } = groupUsers(matrix, users, 7);
  const all = interactionsOf(users);
  const known = new Set([...judges, ...reserved]);
  expect(judges).toHaveLength(50);
  for (const row of known) expect(hashOf(users[row] as number, 7)).toBeLessThanOrEqual(judgesTo);
  // Now that all like enough, who is judged was a judge or reserved, but for the last few.
  const later = groupUsers(all.matrix, all.users, 7);
  const common = [...later.judges].filter((row) => hashOf(users[row] as number, 7) <= judgesTo);
  expect(common.length).toBeGreaterThan(80);
  for (const row of common) expect(known.has(row)).toBe(true);
});
