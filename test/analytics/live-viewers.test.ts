import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LATELY_TICKS, ViewerTable } from "../../src/analytics/live-viewers.ts";

/** The same, the simplest way. */
class NaiveTable {
  readonly seen = new Map<number, number>();
  tick = 0;

  get lately(): number[] {
    return [...this.seen.keys()].filter((viewer) => this.#isLately(viewer));
  }

  see(viewer: number, ago: number): void {
    this.seen.set(viewer, Math.max(this.seen.get(viewer) ?? -Infinity, this.tick - ago));
  }

  add(viewer: number): void {
    if (!this.seen.has(viewer)) this.seen.set(viewer, -Infinity);
  }

  #isLately(viewer: number): boolean {
    return this.tick - (this.seen.get(viewer) ?? -Infinity) <= LATELY_TICKS;
  }
}

const viewer = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 31 - 1 }) },
);
const steps = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.record({ see: viewer }) },
    { weight: 1, arbitrary: fc.record({ see: viewer, ago: fc.nat({ max: LATELY_TICKS }) }) },
    { weight: 2, arbitrary: fc.record({ add: viewer }) },
    { weight: 3, arbitrary: fc.record({ ticks: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 1, arbitrary: fc.record({ ticks: fc.integer({ min: 41, max: 700 }) }) },
    { weight: 1, arbitrary: fc.record({ reserve: fc.nat({ max: 2_000 }) }) },
  ),
  { minLength: 1, maxLength: 400 },
);

describe("ViewerTable", () => {
  it("should agree with a map of when each viewer was seen, whatever happens", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 1_000_000 }), (all, start) => {
        const table = new ViewerTable(start);
        const naive = new NaiveTable();
        for (const step of all) {
          const before = [table.size, table.lately];
          let changed: boolean | undefined;
          if ("see" in step) {
            const ago = "ago" in step ? step.ago : 0;
            changed = table.see(step.see, ago);
            naive.see(step.see, ago);
          } else if ("add" in step) {
            table.add(step.add);
            naive.add(step.add);
          } else if ("reserve" in step) {
            table.reserve(step.reserve, step.reserve);
          } else {
            naive.tick += step.ticks;
            changed = table.advance(start + naive.tick);
          }
          const after = [naive.seen.size, naive.lately.length];
          expect([table.size, table.lately]).toEqual(after);
          expect(changed ?? before.join() !== after.join()).toBe(before.join() !== after.join());
        }
        const lately = new Set(naive.lately);
        for (const [one, tick] of naive.seen) {
          expect(table.seenAgo(one)).toBe(lately.has(one) ? naive.tick - tick : undefined);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("should count many viewers, few of many and all there are", () => {
    for (const stride of [1, 3, 1_000]) {
      const table = new ViewerTable(0);
      for (let round = 0; round < 2; round++) {
        for (let n = 1; n <= 100_000; n++) table.see(n * stride);
      }
      expect([table.size, table.lately]).toEqual([100_000, 100_000]);
      table.advance(LATELY_TICKS);
      for (let n = 1; n <= 1_000; n++) table.see(n * stride);
      table.advance(LATELY_TICKS + 1);
      expect([table.size, table.lately]).toEqual([100_000, 1_000]);
    }
  });
});
