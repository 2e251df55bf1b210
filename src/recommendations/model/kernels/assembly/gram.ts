/**
 * Adds the Gram matrix of some rows to a symmetric matrix, of which only the
 * blocks of four by four on and below the diagonal are kept:
 *
 *     out[a][b] += Σ_r rows[r][a] · rows[r][b]
 *
 * `length` is a multiple of four; rows of `out` are `length` elements apart.
 */
export function addGram(rows: usize, count: i32, length: i32, out: usize): void {
  const stride = <usize>length << 2;
  const end = rows + <usize>count * stride;
  for (let a: usize = 0; a < stride; a += 16) {
    const to = out + (a >> 2) * stride;
    for (let b: usize = 0; b <= a; b += 32) {
      if (b + 16 <= a) wide(rows, end, stride, a, b, to + b);
      else narrow(rows, end, stride, a, b, to + b);
    }
  }
}

/** Four rows and eight columns of the sum. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function wide(rows: usize, end: usize, stride: usize, a: usize, b: usize, to: usize): void {
  const to1 = to + stride;
  const to2 = to1 + stride;
  const to3 = to2 + stride;
  let s0 = v128.load(to), t0 = v128.load(to, 16);
  let s1 = v128.load(to1), t1 = v128.load(to1, 16);
  let s2 = v128.load(to2), t2 = v128.load(to2, 16);
  let s3 = v128.load(to3), t3 = v128.load(to3, 16);
  for (let row = rows; row < end; row += stride) {
    const v = v128.load(row + b);
    const w = v128.load(row + b, 16);
    const x0 = v128.load_splat<f32>(row + a);
    const x1 = v128.load_splat<f32>(row + a, 4);
    const x2 = v128.load_splat<f32>(row + a, 8);
    const x3 = v128.load_splat<f32>(row + a, 12);
    s0 = f32x4.add(s0, f32x4.mul(x0, v));
    t0 = f32x4.add(t0, f32x4.mul(x0, w));
    s1 = f32x4.add(s1, f32x4.mul(x1, v));
    t1 = f32x4.add(t1, f32x4.mul(x1, w));
    s2 = f32x4.add(s2, f32x4.mul(x2, v));
    t2 = f32x4.add(t2, f32x4.mul(x2, w));
    s3 = f32x4.add(s3, f32x4.mul(x3, v));
    t3 = f32x4.add(t3, f32x4.mul(x3, w));
  }
  v128.store(to, s0);
  v128.store(to, t0, 16);
  v128.store(to1, s1);
  v128.store(to1, t1, 16);
  v128.store(to2, s2);
  v128.store(to2, t2, 16);
  v128.store(to3, s3);
  v128.store(to3, t3, 16);
}

/** Four rows and four columns of the sum. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function narrow(rows: usize, end: usize, stride: usize, a: usize, b: usize, to: usize): void {
  const to1 = to + stride;
  const to2 = to1 + stride;
  const to3 = to2 + stride;
  let s0 = v128.load(to);
  let s1 = v128.load(to1);
  let s2 = v128.load(to2);
  let s3 = v128.load(to3);
  for (let row = rows; row < end; row += stride) {
    const v = v128.load(row + b);
    s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(row + a), v));
    s1 = f32x4.add(s1, f32x4.mul(v128.load_splat<f32>(row + a, 4), v));
    s2 = f32x4.add(s2, f32x4.mul(v128.load_splat<f32>(row + a, 8), v));
    s3 = f32x4.add(s3, f32x4.mul(v128.load_splat<f32>(row + a, 12), v));
  }
  v128.store(to, s0);
  v128.store(to1, s1);
  v128.store(to2, s2);
  v128.store(to3, s3);
}
