import * as fc from "fast-check";
import { expect, test } from "vitest";
import { eigenOf } from "../../../../src/recommendations/model/learning/eigen.ts";

const symmetric = fc
  .record({ n: fc.integer({ min: 1, max: 12 }), rank: fc.integer({ min: 0, max: 12 }) })
  .chain(({ n, rank }) =>
    fc.tuple(
      fc.constant(n),
      fc.array(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: n, maxLength: n }),
        { minLength: rank, maxLength: rank },
      ),
    ),
  );

test("should find orthonormal vectors that the matrix only stretches", () => {
  fc.assert(
    fc.property(symmetric, ([n, rows]) => {
      const matrix = new Float64Array(n * n);
      for (const row of rows) {
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            matrix[i * n + j] =
              (matrix[i * n + j] as number) + (row[i] as number) * (row[j] as number);
          }
        }
      }
      const { values, vectors } = eigenOf(matrix.slice(), n);
      for (let k = 0; k < n; k++) {
        const vector = vectors.subarray(k * n, (k + 1) * n);
        for (let i = 0; i < n; i++) {
          const product = dot(matrix.subarray(i * n, (i + 1) * n), vector);
          expect(product).toBeCloseTo((values[k] as number) * (vector[i] as number), 8);
        }
        for (let other = 0; other <= k; other++) {
          const product = dot(vectors.subarray(other * n, (other + 1) * n), vector);
          expect(product).toBeCloseTo(other === k ? 1 : 0, 10);
        }
      }
    }),
  );
});

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
}

test.each([1e-300, 1e-160, 1e-77, 1e100, 1e300])(
  "should do the same with elements of the order of %d",
  (order) => {
    const n = 7;
    const at = (k: number): number => Math.sin(k * k + 1);
    const matrix = Float64Array.from(
      { length: n * n },
      (_, k) => order * (at(Math.floor(k / n)) * at(k % n) + (k % (n + 1) === 0 ? 0.1 : 0)),
    );
    const { values, vectors } = eigenOf(matrix.slice(), n);
    for (let k = 0; k < n; k++) {
      const vector = vectors.subarray(k * n, (k + 1) * n);
      expect(dot(vector, vector)).toBeCloseTo(1, 10);
      for (let i = 0; i < n; i++) {
        const product = dot(matrix.subarray(i * n, (i + 1) * n), vector);
        const expected = (values[k] as number) * (vector[i] as number);
        expect((product - expected) / order).toBeCloseTo(0, 10);
      }
    }
  },
);
