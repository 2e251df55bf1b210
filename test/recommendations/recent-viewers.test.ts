import * as fc from "fast-check";
import { expect, it } from "vitest";
import { RecentViewers } from "../../src/recommendations/recent-viewers.ts";

/** Looks names up in a table, and counts how often. */
function lookIn(table: ReadonlyMap<string, number>): {
  look: (name: string) => Promise<number | undefined>;
  looked: () => number;
} {
  let looked = 0;
  return {
    look: async (name) => {
      looked++;
      return table.get(name);
    },
    looked: () => looked,
  };
}

it("should tell what a look would, and look once for who comes again", async () => {
  const names = fc.array(fc.constantFrom("ann", "bob", "cleo", "nobody"), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(names, async (asked) => {
      const table = new Map(
        [...["ann", "bob", "cleo"].entries()].map(([k, name]) => [name, k + 1]),
      );
      const { look, looked } = lookIn(table);
      const viewers = new RecentViewers();
      for (const name of asked) expect(await viewers.of(name, look)).toBe(table.get(name));
      const known = asked.filter((name) => name !== "nobody");
      expect(looked()).toBe(new Set(known).size + asked.length - known.length);
    }),
  );
});

it("should keep the ten thousand who were asked for last", async () => {
  const { look, looked } = lookIn(new Map(Array.from({ length: 10_001 }, (_, k) => [`${k}`, k])));
  const viewers = new RecentViewers();
  for (let k = 0; k < 10_000; k++) await viewers.of(`${k}`, look);
  await viewers.of("0", look);
  expect(looked()).toBe(10_000);
  await viewers.of("10000", look);
  await viewers.of("0", look);
  expect(looked()).toBe(10_001);
  await viewers.of("1", look);
  expect(looked()).toBe(10_002);
});

it("should not keep what was found before a viewer was erased", async () => {
  const table = new Map([["ann", 1]]);
  const { look } = lookIn(table);
  const viewers = new RecentViewers();
  await viewers.of("ann", look);
  table.set("ann", 2);
  viewers.forget();
  expect(await viewers.of("ann", look)).toBe(2);
  // Erased while it is looked up.
  viewers.forget();
  const finding = viewers.of("ann", look);
  table.set("ann", 3);
  viewers.forget();
  expect(await finding).toBe(2);
  expect(await viewers.of("ann", look)).toBe(3);
});
