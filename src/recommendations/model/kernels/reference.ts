import type { Kernels } from "./kernels.ts";
import type { SharedMemory } from "./webassembly.ts";

/**
 * The kernels in plain TypeScript, as slow as they are plain: what the fast ones
 * are tested against. They differ from those by rounding only.
 */
export function referenceKernels(memory: SharedMemory): Kernels {
  const wordsAt = (pointer: number, length: number): Uint32Array =>
    new Uint32Array(memory.buffer, pointer, length);
  /** From where to where the elements of a row of a sparse matrix are. */
  const spanOf = (offsets: number, row: number): [start: number, end: number] => {
    const [start, end] = wordsAt(offsets + 4 * row, 2);
    return [start as number, end as number];
  };
  const rowAt = (pointer: number, length: number): Float32Array =>
    new Float32Array(memory.buffer, pointer, length);
  const rowsOf = (pointer: number, n: number, stride: number): Float32Array[] =>
    Array.from({ length: n }, (_, i) => rowAt(pointer + 4 * i * stride, n));
  return {
    dot: (a, b, length) => dot(rowAt(a, length), rowAt(b, length)),
    scan(rows, x, count, length, out) {
      const [to, vector] = [rowAt(out, count), rowAt(x, length)];
      for (let r = 0; r < count; r++) to[r] = dot(rowAt(rows + 4 * r * length, length), vector);
    },
    scan16(rows, x, scales, scale, count, length, sums, out) {
      const shorts = (pointer: number): Int16Array =>
        new Int16Array(memory.buffer, pointer, length);
      const [to, from, factors] = [rowAt(out, count), rowAt(sums, count), rowAt(scales, count)];
      for (let r = 0; r < count; r++) {
        const block = new Int16Array(memory.buffer, rows + 2 * (r & ~3) * length, 4 * length);
        const row = Array.from({ length }, (_, k) => block[placeIn16(r & 3, k)] as number);
        const product = dot(row, shorts(x));
        to[r] = (from[r] as number) + scale * (factors[r] as number) * product;
      }
    },
    products(a, aCount, b, bCount, length, out, outStride, lower) {
      for (let i = 0; i < aCount; i++) {
        const to = rowAt(out + 4 * i * outStride, bCount);
        const row = rowAt(a + 4 * i * length, length);
        const end = lower === 1 ? Math.min(bCount, (i & ~3) + 4) : bCount;
        for (let j = 0; j < end; j++) to[j] = dot(row, rowAt(b + 4 * j * length, length));
      }
    },
    addGram(rows, count, length, out) {
      for (let a = 0; a < length; a++) {
        const to = rowAt(out + 4 * a * length, length);
        for (let b = 0; b < (a & ~3) + 4; b++) {
          let sum = to[b] as number;
          for (let r = 0; r < count; r++) {
            const row = rowAt(rows + 4 * r * length, length);
            sum += (row[a] as number) * (row[b] as number);
          }
          to[b] = sum;
        }
      }
    },
    gather(rows, columns, count, length, weights, out) {
      const factors = rowAt(weights, length);
      for (const [p, column] of new Uint32Array(memory.buffer, columns, count).entries()) {
        const row = rowAt(rows + 4 * column * length, length);
        rowAt(out + 4 * p * length, length).set(row.map((x, k) => x * (factors[k] as number)));
      }
    },
    scale(rows, count, length, factors) {
      for (const [p, factor] of rowAt(factors, count).entries()) {
        const row = rowAt(rows + 4 * p * length, length);
        row.set(row.map((x) => factor * x));
      }
    },
    combine(rows, factors, count, length, out) {
      const sums = new Float64Array(length);
      for (const [p, factor] of rowAt(factors, count).entries()) {
        const row = rowAt(rows + 4 * p * length, length);
        for (let k = 0; k < length; k++)
          sums[k] = (sums[k] as number) + factor * (row[k] as number);
      }
      rowAt(out, length).set(sums);
    },
    mix(a, alpha, b, beta, length, out) {
      const [first, second] = [rowAt(a, length), rowAt(b, length)];
      rowAt(out, length).set(first.map((x, k) => alpha * x + beta * (second[k] as number)));
    },
    cholesky(a, n, stride) {
      for (let i = 0; i < n; i++) {
        const row = rowAt(a + 4 * i * stride, n);
        for (let j = 0; j <= i; j++) {
          const other = rowAt(a + 4 * j * stride, n);
          const rest = (row[j] as number) - dot(row, other, j);
          if (j < i) row[j] = rest * (other[j] as number);
          else row[j] = rest > 0 ? 1 / Math.sqrt(rest) : 0;
        }
      }
    },
    solve: (a, n, stride, b) => solve(rowsOf(a, n, stride), rowAt(b, n)),
    solveAll(a, n, stride, b, width) {
      const sides = rowAt(b, n * width);
      for (let j = 0; j < width; j++) {
        const x = Float32Array.from({ length: n }, (_, i) => sides[i * width + j] as number);
        solve(rowsOf(a, n, stride), x);
        for (const [i, value] of x.entries()) sides[i * width + j] = value;
      }
    },
    spread(offsets, targets, weights, i, factor, out) {
      const [start, end] = spanOf(offsets, i);
      for (const [k, target] of wordsAt(targets + 4 * start, end - start).entries()) {
        const to = rowAt(out + 4 * target, 1);
        to[0] = (to[0] as number) + factor * (rowAt(weights + 4 * (start + k), 1)[0] as number);
      }
    },
    multiply(offsets, targets, weights, rows, count, marks, mix, width, out) {
      for (const [p, row] of wordsAt(rows, count).entries()) {
        const to = rowAt(out + 4 * p * width, width).fill(0);
        const [start, end] = spanOf(offsets, row);
        for (const [k, target] of wordsAt(targets + 4 * start, end - start).entries()) {
          const mark = new Uint16Array(memory.buffer, marks + 2 * target, 1)[0] as number;
          if (mark === 0) continue;
          const weight = rowAt(weights + 4 * (start + k), 1)[0] as number;
          for (const [j, part] of rowAt(mix + 4 * mark * width, width).entries()) {
            to[j] = (to[j] as number) + weight * part;
          }
        }
      }
    },
    next(values, from, count, bar) {
      const found = rowAt(values, count).findIndex(
        (value, place) => place >= from && value > 0 && value >= bar,
      );
      return found < 0 ? count : found;
    },
  };
}

/** Solves with what is left of a matrix by its factorization, in place. */
function solve(rows: readonly Float32Array[], x: Float32Array): void {
  for (const [i, row] of rows.entries()) {
    x[i] = ((x[i] as number) - dot(row, x, i)) * (row[i] as number);
  }
  for (let i = rows.length - 1; i >= 0; i--) {
    let rest = x[i] as number;
    for (let k = i + 1; k < rows.length; k++) {
      rest -= (rows[k]?.[i] as number) * (x[k] as number);
    }
    x[i] = rest * (rows[i]?.[i] as number);
  }
}

/** Where in a block of four rows of 16-bit numbers an element of one of them is. */
function placeIn16(row: number, k: number): number {
  return 32 * (k >> 3) + 8 * row + (k & 7);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>, length: number = a.length): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}
