import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Arena } from "../../../src/recommendations/model/kernels/arena.ts";
import { openKernels } from "../../../src/recommendations/model/kernels/kernels.ts";
import { RowSolver } from "../../../src/recommendations/model/row-solver.ts";

const D = 4;
const ROWS = 9;
const arena = new Arena();
const kernels = openKernels(arena.memory);
const factors = arena.alloc(ROWS * D);
const columns = arena.alloc(ROWS);
const solver = new RowSolver(arena, kernels, D, factors, arena.alloc(RowSolver.scratch(D)));

const number = fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround);
const positive = fc.double({ min: 0.1, max: 3, noNaN: true }).map(Math.fround);
const many = <T>(of: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> =>
  fc.array(of, { minLength: length, maxLength: length });

// Fewer rows than dimensions, as many, and more: both ways of solving.
const problem = fc.record({
  rows: many(many(number, D), ROWS),
  base: many(positive, D),
  chosen: fc.uniqueArray(fc.nat(ROWS - 1), { maxLength: ROWS }),
  confidences: many(positive, ROWS),
  targets: many(fc.constantFrom<number>(1, -1), ROWS),
});
type Problem = typeof problem extends fc.Arbitrary<infer T> ? T : never;

function set({ rows, base, chosen, confidences, targets }: Problem): void {
  arena.f32(factors, ROWS * D).set(rows.flat());
  arena.u32(columns, chosen.length).set(chosen);
  solver.setBase(base);
  solver.solve({ columns, count: chosen.length, confidences, targets });
}

/** base ∘ x + Σ_p c_p y_p (x·y_p), element by element. */
function applied({ rows, base, chosen, confidences }: Problem, x: ArrayLike<number>): number[] {
  return base.map((own, k) =>
    chosen.reduce(
      (sum, row, p) => {
        const y = rows[row] as number[];
        const product = y.reduce((dot, value, i) => dot + value * (x[i] as number), 0);
        return sum + (confidences[p] as number) * (y[k] as number) * product;
      },
      own * (x[k] as number),
    ),
  );
}

test("should find where the gradient of the loss is 0", () => {
  fc.assert(
    fc.property(problem, (one) => {
      set(one);
      const left = applied(one, arena.f32(solver.solution, D));
      for (const [k, value] of left.entries()) {
        const right = one.chosen.reduce(
          (sum, row, p) =>
            sum +
            (one.confidences[p] as number) *
              (one.targets[p] as number) *
              ((one.rows[row] as number[])[k] as number),
          0,
        );
        expect(value).toBeCloseTo(right, 2);
      }
    }),
  );
});

test("should tell what the solution leaves of each target", () => {
  fc.assert(
    fc.property(problem, (one) => {
      set(one);
      const rests = new Float64Array(ROWS);
      solver.rests(rests);
      const solution = arena.f32(solver.solution, D);
      for (const [p, row] of one.chosen.entries()) {
        const y = one.rows[row] as number[];
        const said = y.reduce((dot, value, k) => dot + value * (solution[k] as number), 0);
        expect(rests[p]).toBeCloseTo((one.targets[p] as number) - said, 2);
      }
    }),
  );
});

test("should tell how much each row bears on what the solution says of others", () => {
  const wanted = fc.constantFrom(4, 8).chain((width) => many(many(number, D), width));
  fc.assert(
    fc.property(problem, wanted, (one, vectors) => {
      const { end } = arena;
      set(one);
      const width = vectors.length;
      const [at, out] = [arena.alloc(width * D), arena.alloc((ROWS + 3) * width)];
      arena.f32(at, width * D).set(vectors.flat());
      solver.leverages(at, width, out);
      const leverages = arena.f32(out, ROWS * width).slice();
      for (const [p] of one.chosen.entries()) {
        // The solution is linear in the targets: this is what it owes to p alone.
        set({ ...one, targets: one.targets.map((_, other) => (other === p ? 1 : 0)) });
        const solution = arena.f32(solver.solution, D);
        for (const [j, vector] of vectors.entries()) {
          const said = vector.reduce((dot, value, k) => dot + value * (solution[k] as number), 0);
          expect(leverages[p * width + j]).toBeCloseTo(said, 2);
        }
      }
      arena.release(end);
    }),
  );
});
