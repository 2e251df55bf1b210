/** Eigenvalues, and the eigenvectors as rows. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** What is so much smaller than the largest element is 0. */
const NEGLIGIBLE = 1e-18;

/** Powers of two up to this are finite, and so are their inverses. */
const MAX_EXPONENT = 1_000;

/** More steps than any eigenvalue has been seen to need. */
const MAX_STEPS = 60;

/**
 * All eigenvalues and eigenvectors of a symmetric matrix of n rows, in no
 * particular order: Householder's reduction to tridiagonal form, then implicit QL
 * steps with Wilkinson's shifts (Golub and Van Loan, Matrix Computations, chapter
 * 8). About 9 n³ operations in double precision. The matrix is overwritten.
 */
export function eigenOf(matrix: Float64Array, n: number): Eigen {
  const values = new Float64Array(n);
  const beside = new Float64Array(n);
  // Row k of `vectors` becomes the k-th eigenvector: the transpose of the rotations
  // so far, in which each rotation mixes two whole rows.
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // By a power of two, which rounds nothing: squares neither underflow nor overflow.
  const scale = 2 ** -Math.max(-MAX_EXPONENT, Math.floor(Math.log2(largest)));
  for (let at = 0; at < matrix.length; at++) matrix[at] = scale * (matrix[at] as number);
  const floor = NEGLIGIBLE * scale * largest;
  const vectors = tridiagonalize(matrix, n, floor, values, beside);
  for (let low = 0; low < n; low++) {
    for (let step = 0; step < MAX_STEPS; step++) {
      const high = blockEnd(values, beside, low, floor);
      if (high === low) break;
      qlStep(values, beside, vectors, low, high, n);
    }
  }
  return { values: values.map((value) => value / scale), vectors };
}

/** Reduces the matrix to a diagonal and what is beside it; returns Qᵀ, so that A = Q T Qᵀ. */
function tridiagonalize(
  a: Float64Array,
  n: number,
  floor: number,
  diagonal: Float64Array,
  beside: Float64Array,
): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    // Reflects column k below its subdiagonal to 0.
    let norm = 0;
    for (let i = k + 1; i < n; i++) norm += (a[i * n + k] as number) ** 2;
    norm = Math.sqrt(norm);
    if (norm <= floor) continue;
    const first = a[(k + 1) * n + k] as number;
    const alpha = first > 0 ? -norm : norm;
    v.fill(0, 0, k + 1);
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k] as number;
    v[k + 1] = first - alpha;
    const half = norm * norm - alpha * first;
    // A ← (I − vvᵀ/half) A (I − vvᵀ/half), by p = Av/half − (vᵀAv/2half²) v.
    let along = 0;
    for (let i = k; i < n; i++) {
      let sum = 0;
      const row = i * n;
      for (let j = k + 1; j < n; j++) sum += (a[row + j] as number) * (v[j] as number);
      p[i] = sum / half;
      along += (v[i] as number) * (p[i] as number);
    }
    along /= 2 * half;
    for (let i = k; i < n; i++) p[i] = (p[i] as number) - along * (v[i] as number);
    for (let i = k; i < n; i++) {
      const row = i * n;
      const [vi, pi] = [v[i] as number, p[i] as number];
      for (let j = k; j < n; j++) {
        a[row + j] = (a[row + j] as number) - vi * (p[j] as number) - pi * (v[j] as number);
      }
    }
    reflectRows(q, v, half, k + 1, n);
  }
  for (let i = 0; i < n; i++) {
    diagonal[i] = a[i * n + i] as number;
    beside[i] = i + 1 < n ? (a[(i + 1) * n + i] as number) : 0;
  }
  return q;
}

/** Qᵀ ← (I − vvᵀ/half) Qᵀ, where v is 0 before `start`. */
function reflectRows(
  q: Float64Array,
  v: Float64Array,
  half: number,
  start: number,
  n: number,
): void {
  const sums = new Float64Array(n);
  for (let i = start; i < n; i++) {
    const factor = v[i] as number;
    for (let j = 0; j < n; j++) sums[j] = (sums[j] as number) + factor * (q[i * n + j] as number);
  }
  for (let i = start; i < n; i++) {
    const factor = (v[i] as number) / half;
    for (let j = 0; j < n; j++) {
      q[i * n + j] = (q[i * n + j] as number) - factor * (sums[j] as number);
    }
  }
}

/** The last index of the block that begins at `low`: behind it the matrix falls apart. */
function blockEnd(values: Float64Array, beside: Float64Array, low: number, floor: number): number {
  let high = low;
  while (high < values.length - 1) {
    const size = Math.abs(values[high] as number) + Math.abs(values[high + 1] as number);
    if (Math.abs(beside[high] as number) <= Number.EPSILON * size + floor) break;
    high++;
  }
  return high;
}

/** One implicit QL step on the block from `low` to `high`. */
function qlStep(
  values: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
  low: number,
  high: number,
  n: number,
): void {
  const first = values[low] as number;
  const next = beside[low] as number;
  const ratio = ((values[low + 1] as number) - first) / (2 * next);
  const root = Math.sqrt(ratio * ratio + 1);
  let g = (values[high] as number) - first + next / (ratio + (ratio >= 0 ? root : -root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = high - 1; i >= low; i--) {
    const f = sine * (beside[i] as number);
    const b = cosine * (beside[i] as number);
    const r = Math.sqrt(f * f + g * g);
    beside[i + 1] = r;
    if (r === 0) {
      values[i + 1] = (values[i + 1] as number) - shift;
      beside[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = (values[i + 1] as number) - shift;
    const t = ((values[i] as number) - g) * sine + 2 * cosine * b;
    shift = sine * t;
    values[i + 1] = g + shift;
    g = cosine * t - b;
    for (let k = 0; k < n; k++) {
      const upper = vectors[(i + 1) * n + k] as number;
      const lower = vectors[i * n + k] as number;
      vectors[(i + 1) * n + k] = sine * lower + cosine * upper;
      vectors[i * n + k] = cosine * lower - sine * upper;
    }
  }
  values[low] = (values[low] as number) - shift;
  beside[low] = g;
  beside[high] = 0;
}
