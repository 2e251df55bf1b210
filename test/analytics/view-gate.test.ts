import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ViewGate } from "../../src/analytics/view-gate.ts";

it("should never let more in than it may, but for one alone, and let all in by their order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 30 }),
      fc.scheduler(),
      async (sizes, scheduler) => {
        const gate = new ViewGate(10);
        const inside = new Set<number>();
        const entered: number[] = [];
        const seen: { sum: number; count: number }[] = [];
        const all = sizes.map(async (size, i) => {
          await gate.enter(size);
          inside.add(i);
          entered.push(i);
          const sum = [...inside].reduce((total, one) => total + (sizes[one] ?? 0), 0);
          seen.push({ sum, count: inside.size });
          await scheduler.schedule(Promise.resolve());
          inside.delete(i);
          gate.leave(size);
        });
        await scheduler.waitFor(Promise.all(all));
        expect(entered).toEqual(sizes.map((_, i) => i));
        expect(seen.filter(({ sum, count }) => sum > 10 && count > 1)).toEqual([]);
      },
    ),
  );
});
