/**
 * The Cholesky factorization of a symmetric positive definite matrix of single
 * precision, and solving with it. `n` is a multiple of four; rows are `stride`
 * elements apart, and 16-byte aligned. Only what is on and below the diagonal is
 * read, but for the rest of the diagonal blocks of four by four, which is
 * overwritten with what is of no use.
 */
import { dot, subtractTile } from "./products";

/**
 * Factors the matrix in place, A = L·Lᵀ; the diagonal of L is kept inverted. A
 * pivot that is not above 0 (padding, or what is lost in rounding) takes no part:
 * its unknown is 0 in every solution.
 */
export function cholesky(a: usize, n: i32, stride: i32): void {
  const bytes = <usize>stride << 2;
  for (let j = 0; j < n; j += 4) {
    const column = <usize>j << 2;
    const diagonal = a + <usize>j * bytes;
    subtract(diagonal, diagonal, bytes, column);
    factor(diagonal + column, bytes);
    for (let i = j + 4; i < n; i += 4) {
      const rows = a + <usize>i * bytes;
      subtract(rows, diagonal, bytes, column);
      substitute(rows + column, diagonal + column, bytes);
    }
  }
}

/** Solves L·Lᵀ·x = b in place, with what {@link cholesky} left. */
export function solve(a: usize, n: i32, stride: i32, b: usize): void {
  const bytes = <usize>stride << 2;
  for (let i = 0; i < n; i++) {
    const row = a + <usize>i * bytes;
    const at = b + (<usize>i << 2);
    const whole = i & ~3;
    let sum = load<f32>(at) - dot(row, b, whole);
    for (let k = whole; k < i; k++) {
      sum -= load<f32>(row + (<usize>k << 2)) * load<f32>(b + (<usize>k << 2));
    }
    store<f32>(at, sum * load<f32>(row + (<usize>i << 2)));
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = a + <usize>i * bytes;
    const at = b + (<usize>i << 2);
    const x = load<f32>(at) * load<f32>(row + (<usize>i << 2));
    store<f32>(at, x);
    const whole = <usize>(i & ~3) << 2;
    const factor = f32x4.splat(x);
    for (let k: usize = 0; k < whole; k += 16) {
      v128.store(b + k, f32x4.sub(v128.load(b + k), f32x4.mul(factor, v128.load(row + k))));
    }
    for (let k = whole; k < <usize>i << 2; k += 4) {
      store<f32>(b + k, load<f32>(b + k) - x * load<f32>(row + k));
    }
  }
}

/**
 * As {@link solve}, for several right sides: of `b`, rows are unknowns, and each
 * column, of `width`, a multiple of four, is a side of its own.
 */
export function solveAll(a: usize, n: i32, stride: i32, b: usize, width: i32): void {
  const bytes = <usize>stride << 2;
  const wide = <usize>width << 2;
  for (let i: usize = 0; i < <usize>n; i++) {
    const row = a + i * bytes;
    const diagonal = row + (i << 2);
    const inverse = v128.load_splat<f32>(diagonal);
    const end = b + (i + 1) * wide;
    for (let at = end - wide; at < end; at += 16) {
      let sum = v128.load(at);
      let above = at - i * wide;
      for (let l = row; l < diagonal; l += 4, above += wide) {
        sum = f32x4.sub(sum, f32x4.mul(v128.load_splat<f32>(l), v128.load(above)));
      }
      v128.store(at, f32x4.mul(sum, inverse));
    }
  }
  for (let i = <usize>n; i-- > 0; ) {
    const row = a + i * bytes;
    const diagonal = row + (i << 2);
    const inverse = v128.load_splat<f32>(diagonal);
    const end = b + (i + 1) * wide;
    for (let at = end - wide; at < end; at += 16) {
      const x = f32x4.mul(v128.load(at), inverse);
      v128.store(at, x);
      let above = at - i * wide;
      for (let l = row; l < diagonal; l += 4, above += wide) {
        v128.store(above, f32x4.sub(v128.load(above), f32x4.mul(v128.load_splat<f32>(l), x)));
      }
    }
  }
}

/** Subtracts from a block what the columns before it explain: block -= rows · othersᵀ. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function subtract(rows: usize, others: usize, bytes: usize, column: usize): void {
  subtractTile(rows, others, bytes, column, rows + column, bytes);
}

/** Factors a diagonal block of four by four; its diagonal is left inverted. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function factor(block: usize, bytes: usize): void {
  for (let j: usize = 0; j < 4; j++) {
    const rowJ = block + j * bytes;
    let pivot = load<f32>(rowJ + (j << 2));
    for (let k: usize = 0; k < j; k++) {
      const l = load<f32>(rowJ + (k << 2));
      pivot -= l * l;
    }
    const inverse: f32 = pivot > 0 ? 1 / sqrt<f32>(pivot) : 0;
    store<f32>(rowJ + (j << 2), inverse);
    for (let i = j + 1; i < 4; i++) {
      const rowI = block + i * bytes;
      let sum = load<f32>(rowI + (j << 2));
      for (let k: usize = 0; k < j; k++) {
        sum -= load<f32>(rowI + (k << 2)) * load<f32>(rowJ + (k << 2));
      }
      store<f32>(rowI + (j << 2), sum * inverse);
    }
  }
}

/** Solves X · Lᵀ = block for a block of four rows, in place. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function substitute(block: usize, diagonal: usize, bytes: usize): void {
  const d1 = diagonal + bytes;
  const d2 = d1 + bytes;
  const d3 = d2 + bytes;
  const i0 = load<f32>(diagonal);
  const i1 = load<f32>(d1, 4);
  const i2 = load<f32>(d2, 8);
  const i3 = load<f32>(d3, 12);
  for (let i: usize = 0; i < 4; i++) {
    const row = block + i * bytes;
    const x0 = load<f32>(row) * i0;
    const x1 = (load<f32>(row, 4) - x0 * load<f32>(d1)) * i1;
    const x2 = (load<f32>(row, 8) - x0 * load<f32>(d2) - x1 * load<f32>(d2, 4)) * i2;
    const x3 =
      (load<f32>(row, 12) - x0 * load<f32>(d3) - x1 * load<f32>(d3, 4) - x2 * load<f32>(d3, 8)) * i3;
    store<f32>(row, x0);
    store<f32>(row, x1, 4);
    store<f32>(row, x2, 8);
    store<f32>(row, x3, 12);
  }
}
