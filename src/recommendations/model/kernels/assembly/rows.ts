/**
 * Moving and mixing rows of single-precision numbers. Pointers are in bytes,
 * lengths in elements, multiples of four.
 */

/** out[p] = rows[columns[p]] · weights, element by element; columns are 32-bit. */
export function gather(
  rows: usize,
  columns: usize,
  count: i32,
  length: i32,
  weights: usize,
  out: usize,
): void {
  const stride = (<usize>length) << 2;
  for (let p = 0; p < count; p++, columns += 4, out += stride) {
    const row = rows + <usize>load<u32>(columns) * stride;
    for (let k: usize = 0; k < stride; k += 16) {
      v128.store(out + k, f32x4.mul(v128.load(row + k), v128.load(weights + k)));
    }
  }
}

/** rows[p] = rows[p] · factors[p]. */
export function scale(rows: usize, count: i32, length: i32, factors: usize): void {
  const stride = (<usize>length) << 2;
  for (let p = 0; p < count; p++, rows += stride, factors += 4) {
    const factor = v128.load_splat<f32>(factors);
    for (let k: usize = 0; k < stride; k += 16) {
      v128.store(rows + k, f32x4.mul(v128.load(rows + k), factor));
    }
  }
}

/** out = Σ_p factors[p] · rows[p]. */
export function combine(rows: usize, factors: usize, count: i32, length: i32, out: usize): void {
  const stride = (<usize>length) << 2;
  for (let k: usize = 0; k < stride; k += 16) {
    let sum = f32x4.splat(0);
    let row = rows + k;
    for (let p: usize = 0; p < <usize>count; p++, row += stride) {
      sum = f32x4.add(sum, f32x4.mul(v128.load_splat<f32>(factors + (p << 2)), v128.load(row)));
    }
    v128.store(out + k, sum);
  }
}

/** out = α · a + β · b, element by element. */
export function mix(a: usize, alpha: f32, b: usize, beta: f32, length: i32, out: usize): void {
  const ofA = f32x4.splat(alpha);
  const ofB = f32x4.splat(beta);
  const end = out + ((<usize>length) << 2);
  for (; out < end; out += 16, a += 16, b += 16) {
    v128.store(out, f32x4.add(f32x4.mul(ofA, v128.load(a)), f32x4.mul(ofB, v128.load(b))));
  }
}
