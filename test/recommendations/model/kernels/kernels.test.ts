import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Arena } from "../../../../src/recommendations/model/kernels/arena.ts";
import {
  openKernels,
  type Kernels,
} from "../../../../src/recommendations/model/kernels/kernels.ts";
import { referenceKernels } from "../../../../src/recommendations/model/kernels/reference.ts";

const arena = new Arena();
const fast = openKernels(arena.memory);
const reference = referenceKernels(arena.memory);

const number = fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround);
const four = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max }).map((n) => 4 * n);
const numbers = (length: number): fc.Arbitrary<number[]> =>
  fc.array(number, { minLength: length, maxLength: length });

/**
 * Puts numbers into the memory, does something with either, and tells how far what
 * is then at `out` differs, as a share of its size.
 */
function difference(
  blocks: readonly (readonly number[])[],
  out: readonly number[],
  run: (kernels: Kernels, pointers: readonly number[], to: number) => void,
): number {
  const { end } = arena;
  const pointers = blocks.map((block) => {
    const pointer = arena.alloc(block.length);
    arena.f32(pointer, block.length).set(block);
    return pointer;
  });
  const to = arena.alloc(out.length);
  const results = [fast, reference].map((kernels) => {
    for (const [index, block] of blocks.entries()) {
      arena.f32(pointers[index] as number, block.length).set(block);
    }
    arena.f32(to, out.length).set(out);
    run(kernels, pointers, to);
    return arena.f32(to, out.length).slice();
  });
  arena.release(end);
  const [found, expected] = results as [Float32Array, Float32Array];
  return found.reduce((worst, value, index) => {
    const wanted = expected[index] as number;
    return Math.max(worst, Math.abs(value - wanted) / (1 + Math.abs(wanted)));
  }, 0);
}

const shape = fc.record({ rows: fc.integer({ min: 0, max: 9 }), length: four(6) });

test("should agree with the reference on dot products", () => {
  fc.assert(
    fc.property(
      four(12).chain((n) => fc.tuple(numbers(n), numbers(n))),
      ([a, b]) => {
        expect(
          difference([a, b], [0], (kernels, [p = 0, q = 0], to) => {
            arena.f32(to, 1)[0] = kernels.dot(p, q, a.length);
          }),
        ).toBeLessThan(1e-4);
      },
    ),
  );
});

test("should agree with the reference on sums of two rows", () => {
  fc.assert(
    fc.property(
      four(12).chain((n) => fc.tuple(numbers(n), numbers(n))),
      number,
      number,
      ([a, b], alpha, beta) => {
        expect(
          difference([a, b], Array(a.length).fill(7), (kernels, [p = 0, q = 0], to) =>
            kernels.mix(p, alpha, q, beta, a.length, to),
          ),
        ).toBeLessThan(1e-5);
      },
    ),
  );
});

test("should agree with the reference on scans", () => {
  fc.assert(
    fc.property(
      fc
        .record({ count: four(5), length: four(6) })
        .chain((s) => fc.tuple(fc.constant(s), numbers(s.count * s.length), numbers(s.length))),
      ([{ count, length }, rows, x]) => {
        expect(
          difference([rows, x], Array(count).fill(0), (kernels, [p = 0, q = 0], to) => {
            kernels.scan(p, q, count, length, to);
          }),
        ).toBeLessThan(1e-4);
      },
    ),
  );
});

test("should agree with the reference on products of rows, whole or below the diagonal", () => {
  const shapes = fc.record({
    a: four(4),
    b: four(4),
    length: four(5),
    gap: fc.integer({ min: 0, max: 2 }),
    lower: fc.constantFrom(0 as const, 1 as const),
  });
  fc.assert(
    fc.property(
      shapes.chain((s) =>
        fc.tuple(fc.constant(s), numbers(s.a * s.length), numbers(s.b * s.length)),
      ),
      ([{ a, b, length, gap, lower }, left, right]) => {
        const stride = b + 4 * gap;
        expect(
          difference([left, right], Array(a * stride).fill(7), (kernels, [p = 0, q = 0], to) => {
            kernels.products(p, a, q, b, length, to, stride, lower);
          }),
        ).toBeLessThan(1e-4);
      },
    ),
  );
});

test("should agree with the reference on Gram matrices", () => {
  fc.assert(
    fc.property(
      shape.chain((s) =>
        fc.tuple(fc.constant(s), numbers(s.rows * s.length), numbers(s.length * s.length)),
      ),
      ([{ rows, length }, values, before]) => {
        expect(
          difference([values], before, (kernels, [p = 0], to) => {
            kernels.addGram(p, rows, length, to);
          }),
        ).toBeLessThan(1e-4);
      },
    ),
  );
});

test("should agree with the reference on gathering, scaling and mixing rows", () => {
  fc.assert(
    fc.property(
      shape.chain(({ rows, length }) =>
        fc.tuple(
          fc.constant(length),
          numbers((rows + 1) * length),
          fc.array(fc.nat(rows), { maxLength: 8 }),
          numbers(length),
          numbers(8),
        ),
      ),
      ([length, rows, columns, weights, factors]) => {
        const count = columns.length;
        expect(
          difference(
            [rows, weights, factors],
            Array(8 * length).fill(0),
            (kernels, pointers, to) => {
              const [p = 0, q = 0, f = 0] = pointers;
              const { end } = arena;
              const at = arena.alloc(8);
              const mixed = arena.alloc(length);
              arena.u32(at, count).set(columns);
              kernels.gather(p, at, count, length, q, to);
              kernels.scale(to, count, length, f);
              kernels.combine(to, f, count, length, mixed);
              arena.f32(to, length).set(arena.f32(mixed, length));
              arena.release(end);
            },
          ),
        ).toBeLessThan(1e-4);
      },
    ),
  );
});

/** B·Bᵀ + I of some size, and the right side of an equation. */
const equation = four(6).chain((n) => fc.tuple(fc.constant(n), numbers(n * n), numbers(n)));

function positive(n: number, b: readonly number[]): number[] {
  return Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = i === j ? 1 : 0;
    for (let k = 0; k < n; k++) sum += (b[i * n + k] as number) * (b[j * n + k] as number);
    return sum;
  });
}

test("should agree with the reference on solving equations", () => {
  fc.assert(
    fc.property(equation, ([n, b, side]) => {
      const matrix = positive(n, b);
      expect(
        difference([matrix], side, (kernels, [p = 0], to) => {
          kernels.cholesky(p, n, n);
          kernels.solve(p, n, n, to);
        }),
      ).toBeLessThan(1e-4);
      const width = 4 + (n % 8);
      const sides = Array.from(
        { length: n * width },
        (_, at) => (side[at % n] as number) + (at % 3),
      );
      expect(
        difference([matrix], sides, (kernels, [p = 0], to) => {
          kernels.cholesky(p, n, n);
          kernels.solveAll(p, n, n, to, width);
        }),
      ).toBeLessThan(1e-4);
    }),
  );
});

test("should solve what the equations say", () => {
  fc.assert(
    fc.property(equation, ([n, b, side]) => {
      const { end } = arena;
      const matrix = positive(n, b);
      const [at, x] = [arena.alloc(n * n), arena.alloc(n)];
      arena.f32(at, n * n).set(matrix);
      arena.f32(x, n).set(side);
      fast.cholesky(at, n, n);
      fast.solve(at, n, n, x);
      const solution = arena.f32(x, n).slice();
      arena.release(end);
      const scale = Math.max(...matrix.map(Math.abs));
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += (matrix[i * n + j] as number) * (solution[j] as number);
        expect(Math.abs(sum - (side[i] as number))).toBeLessThan(1e-4 * scale);
      }
    }),
  );
});

test("should give unknowns without equations the value 0", () => {
  const { end } = arena;
  const [at, x] = [arena.alloc(16), arena.alloc(4)];
  arena.f32(at, 16).set([4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
  arena.f32(x, 4).set([8, 0, 3, 0]);
  fast.cholesky(at, 4, 4);
  fast.solve(at, 4, 4, x);
  expect([...arena.f32(x, 4)]).toEqual([2, 0, 3, 0]);
  arena.release(end);
});

test("should agree with the reference on scans of whole numbers", () => {
  const whole = (length: number): fc.Arbitrary<number[]> =>
    fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: length, maxLength: length });
  const shapes = fc.record({ count: four(4), length: fc.constantFrom(8, 16, 24) });
  fc.assert(
    fc.property(
      shapes.chain(({ count, length }) =>
        fc.tuple(whole(count * length), whole(length), numbers(count), numbers(count)),
      ),
      number,
      ([rows, x, scales, sums], scale) => {
        const { end } = arena;
        const shorts = (values: readonly number[]): number => {
          const pointer = arena.alloc(values.length / 2);
          new Int16Array(arena.memory.buffer, pointer, values.length).set(values);
          return pointer;
        };
        const [at, vector] = [shorts(rows), shorts(x)];
        const far = difference([scales, sums], sums, (kernels, [p = 0, q = 0], to) =>
          kernels.scan16(at, vector, p, scale, sums.length, x.length, q, to),
        );
        arena.release(end);
        expect(far).toBeLessThan(1e-5);
      },
    ),
  );
});

/** How many columns there are. */
const WIDTH = 160;

/** Rows of a sparse matrix: the targets of each in ascending order, with their weights. */
const sparse = fc
  .array(
    fc.uniqueArray(fc.nat(WIDTH - 1), { maxLength: 150, size: "max" }).chain((targets) =>
      fc.record({
        targets: fc.constant(targets.toSorted((a, b) => a - b)),
        weights: fc.array(number, { minLength: targets.length, maxLength: targets.length }),
      }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((rows) => {
    const offsets = [0];
    for (const { targets } of rows) offsets.push((offsets.at(-1) as number) + targets.length);
    const targets = rows.flatMap((row) => row.targets);
    return { rows: rows.length, offsets, targets, weights: rows.flatMap((row) => row.weights) };
  });

/** Puts words of 32 bits into the memory, as long as the arena is not released. */
function words(values: readonly number[]): number {
  const pointer = arena.alloc(values.length + 1);
  arena.u32(pointer, values.length).set(values);
  return pointer;
}

test("should agree with the reference on rows of a sparse matrix", () => {
  fc.assert(
    fc.property(sparse, number, fc.nat(), numbers(WIDTH), (matrix, factor, choice, x) => {
      const { end } = arena;
      const [offsets, targets] = [words(matrix.offsets), words(matrix.targets)];
      const rows = words(Array.from({ length: matrix.rows }, (_, row) => row));
      const spread = difference(
        [matrix.weights],
        Array(WIDTH).fill(1),
        (kernels, [weights = 0], to) =>
          kernels.spread(offsets, targets, weights, choice % matrix.rows, factor, to),
      );
      expect(spread).toBeLessThan(1e-5);
      const width = 4 * (1 + (choice % 3));
      const marks = arena.alloc(WIDTH / 2);
      // Most are not marked.
      new Uint16Array(arena.memory.buffer, marks, WIDTH).set(
        Array.from({ length: WIDTH }, (_, t) => Math.max(0, ((t * choice) % 20) - 12)),
      );
      const multiplied = difference(
        [matrix.weights, x],
        Array(matrix.rows * width).fill(1),
        (kernels, [weights = 0, mix = 0], to) => {
          const { rows: count } = matrix;
          kernels.multiply(offsets, targets, weights, rows, count, marks, mix, width, to);
        },
      );
      expect(multiplied).toBeLessThan(1e-4);
      arena.release(end);
    }),
  );
});

test("should agree with the reference on what is next above a bar", () => {
  fc.assert(
    fc.property(four(20).chain(numbers), fc.nat(80), number, (values, from, bar) => {
      const { end } = arena;
      const pointer = arena.alloc(values.length);
      arena.f32(pointer, values.length).set(values);
      const start = Math.min(from, values.length);
      for (const least of [bar, -Infinity, values[0] as number]) {
        const found = fast.next(pointer, start, values.length, least);
        expect(found).toBe(reference.next(pointer, start, values.length, least));
      }
      arena.release(end);
    }),
  );
});
