import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Arena } from "../../../src/recommendations/model/kernels/arena.ts";
import { openKernels } from "../../../src/recommendations/model/kernels/kernels.ts";
import { QuantizedRows } from "../../../src/recommendations/model/quantized-rows.ts";

const arena = new Arena();
const kernels = openKernels(arena.memory);

const four = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max }).map((n) => 4 * n);
/** Of very different sizes, as the rows of rare and of popular items are. */
const number = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1e-3, 1, 100))
  .map(([value, size]) => Math.fround(value * size));
const numbers = (length: number): fc.Arbitrary<number[]> =>
  fc.array(number, { minLength: length, maxLength: length });
const problem = fc
  .record({ count: four(4), d: four(33) })
  .chain(({ count, d }) => fc.tuple(numbers(count * d), numbers(d), numbers(count)));

test("a scan is no further off than it says, and made only once in the same room", () => {
  fc.assert(
    fc.property(problem, ([values, x, sums]) => {
      const { end } = arena;
      const [count, d] = [sums.length, x.length];
      const rows = Float32Array.from(values);
      const place = arena.end;
      arena.u32(place, 1)[0] = 0;
      const first = new QuantizedRows(arena, kernels, rows, d);
      expect(arena.end).toBeGreaterThanOrEqual(place + 4 * QuantizedRows.room(count, d));
      const [sumsAt, out] = [arena.alloc(count), arena.alloc(count)];
      arena.f32(sumsAt, count).set(sums);
      const error = first.scan(Float32Array.from(x), sumsAt, out);
      const found = arena.f32(out, count).slice();
      for (let r = 0; r < count; r++) {
        let exact = sums[r] as number;
        for (let k = 0; k < d; k++) exact += (values[r * d + k] as number) * (x[k] as number);
        const rounding = 1e-6 * Math.abs(sums[r] as number);
        expect(Math.abs((found[r] as number) - exact)).toBeLessThanOrEqual(error + rounding);
      }
      // The second is given rows of zeros, and finds those of the first.
      const second = new QuantizedRows(
        new Arena(arena.memory, place),
        kernels,
        new Float32Array(rows.length),
        d,
      );
      second.scan(Float32Array.from(x), sumsAt, out);
      expect(arena.f32(out, count)).toEqual(found);
      arena.release(end);
    }),
  );
});
