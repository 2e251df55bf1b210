/**
 * Dot products of rows of single-precision numbers. Pointers are in bytes, and
 * row lengths in elements, always a multiple of four. Each sum is taken in four
 * lanes that are added pairwise at the end, so the bits are the same everywhere.
 */

/** The sum of the four lanes. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function laneSum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** The lane sums of four vectors, as one vector. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    i32x4.shuffle(a, b, 0, 2, 4, 6),
    i32x4.shuffle(a, b, 1, 3, 5, 7),
  );
  const cd = f32x4.add(
    i32x4.shuffle(c, d, 0, 2, 4, 6),
    i32x4.shuffle(c, d, 1, 3, 5, 7),
  );
  return f32x4.add(
    i32x4.shuffle(ab, cd, 0, 2, 4, 6),
    i32x4.shuffle(ab, cd, 1, 3, 5, 7),
  );
}

/** The dot product of two rows. */
export function dot(a: usize, b: usize, length: i32): f32 {
  let sum = f32x4.splat(0);
  const end = a + (<usize>length << 2);
  for (; a < end; a += 16, b += 16) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(a), v128.load(b)));
  }
  return laneSum(sum);
}

/** out[r] = rows[r] · x, for each of `count` rows; a multiple of four of them. */
export function scan(rows: usize, x: usize, count: i32, length: i32, out: usize): void {
  const stride = <usize>length << 2;
  const outEnd = out + (<usize>count << 2);
  // Two vectors at a time, which takes a fifth less than one: there is less to count.
  const pairs = stride & ~31;
  for (; out < outEnd; out += 16, rows += stride << 2) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let r0 = rows;
    let r1 = rows + stride;
    let r2 = r1 + stride;
    let r3 = r2 + stride;
    let at = x;
    for (const end = x + pairs; at < end; at += 32, r0 += 32, r1 += 32, r2 += 32, r3 += 32) {
      const v = v128.load(at);
      const w = v128.load(at, 16);
      s0 = f32x4.add(s0, f32x4.mul(v, v128.load(r0)));
      s1 = f32x4.add(s1, f32x4.mul(v, v128.load(r1)));
      s2 = f32x4.add(s2, f32x4.mul(v, v128.load(r2)));
      s3 = f32x4.add(s3, f32x4.mul(v, v128.load(r3)));
      s0 = f32x4.add(s0, f32x4.mul(w, v128.load(r0, 16)));
      s1 = f32x4.add(s1, f32x4.mul(w, v128.load(r1, 16)));
      s2 = f32x4.add(s2, f32x4.mul(w, v128.load(r2, 16)));
      s3 = f32x4.add(s3, f32x4.mul(w, v128.load(r3, 16)));
    }
    if (pairs < stride) {
      const v = v128.load(at);
      s0 = f32x4.add(s0, f32x4.mul(v, v128.load(r0)));
      s1 = f32x4.add(s1, f32x4.mul(v, v128.load(r1)));
      s2 = f32x4.add(s2, f32x4.mul(v, v128.load(r2)));
      s3 = f32x4.add(s3, f32x4.mul(v, v128.load(r3)));
    }
    v128.store(out, laneSums(s0, s1, s2, s3));
  }
}

/**
 * out[i][j] = a[i] · b[j], for counts that are multiples of four; rows of `out`
 * are `outStride` elements apart. With `lower`, only the blocks of four by four
 * on and below the diagonal.
 */
export function products(
  a: usize,
  aCount: i32,
  b: usize,
  bCount: i32,
  length: i32,
  out: usize,
  outStride: i32,
  lower: bool,
): void {
  const stride = <usize>length << 2;
  const outBytes = <usize>outStride << 2;
  for (let i = 0; i < aCount; i += 4) {
    const a0 = a + <usize>i * stride;
    const end = lower ? min(i + 4, bCount) : bCount;
    for (let j = 0; j < end; j += 4) {
      tile(
        a0,
        b + <usize>j * stride,
        stride,
        stride,
        out + <usize>i * outBytes + (<usize>j << 2),
        outBytes,
      );
    }
  }
}

/** Four rows by four rows: out = a · bᵀ, of the first `bytes` of each row. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function tile(a: usize, b: usize, stride: usize, bytes: usize, out: usize, outBytes: usize): void {
  multiply(a, b, stride, bytes, out, outBytes, false);
}

/** The same, taken from what is there: out -= a · bᵀ. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function subtractTile(
  a: usize,
  b: usize,
  stride: usize,
  bytes: usize,
  out: usize,
  outBytes: usize,
): void {
  multiply(a, b, stride, bytes, out, outBytes, true);
}

/** Both of them: what is constant is decided when it is inlined. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function multiply(
  a: usize,
  b: usize,
  stride: usize,
  bytes: usize,
  out: usize,
  outBytes: usize,
  subtracts: bool,
): void {
  // Two rows of a at once: eight sums and six operands fit the registers.
  for (let half: usize = 0; half < 2; half++) {
    let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s02 = f32x4.splat(0), s03 = f32x4.splat(0);
    let s10 = f32x4.splat(0), s11 = f32x4.splat(0), s12 = f32x4.splat(0), s13 = f32x4.splat(0);
    const a0 = a + half * 2 * stride;
    const a1 = a0 + stride;
    const b1 = b + stride;
    const b2 = b1 + stride;
    const b3 = b2 + stride;
    for (let k: usize = 0; k < bytes; k += 16) {
      const v0 = v128.load(a0 + k);
      const v1 = v128.load(a1 + k);
      const w0 = v128.load(b + k);
      const w1 = v128.load(b1 + k);
      const w2 = v128.load(b2 + k);
      const w3 = v128.load(b3 + k);
      s00 = f32x4.add(s00, f32x4.mul(v0, w0));
      s01 = f32x4.add(s01, f32x4.mul(v0, w1));
      s02 = f32x4.add(s02, f32x4.mul(v0, w2));
      s03 = f32x4.add(s03, f32x4.mul(v0, w3));
      s10 = f32x4.add(s10, f32x4.mul(v1, w0));
      s11 = f32x4.add(s11, f32x4.mul(v1, w1));
      s12 = f32x4.add(s12, f32x4.mul(v1, w2));
      s13 = f32x4.add(s13, f32x4.mul(v1, w3));
    }
    const to0 = out + half * 2 * outBytes;
    const to1 = to0 + outBytes;
    const sums0 = laneSums(s00, s01, s02, s03);
    const sums1 = laneSums(s10, s11, s12, s13);
    v128.store(to0, subtracts ? f32x4.sub(v128.load(to0), sums0) : sums0);
    v128.store(to1, subtracts ? f32x4.sub(v128.load(to1), sums1) : sums1);
  }
}

/**
 * out[r] = sums[r] + scale · scales[r] · (rows[r] · x), for each of `count` rows of
 * 16-bit whole numbers, a multiple of four of them; lengths are multiples of eight.
 * Four rows are one block, in which they take turns, eight elements each: so there
 * is one pointer to move. No sum of products may be beyond 32 bits.
 */
export function scan16(
  rows: usize,
  x: usize,
  scales: usize,
  scale: f32,
  count: i32,
  length: i32,
  sums: usize,
  out: usize,
): void {
  const bytes = <usize>length << 1;
  // Two vectors at a time: there is less to count.
  const pairs = x + (bytes & ~31);
  const factor = f32x4.splat(scale);
  const outEnd = out + (<usize>count << 2);
  for (; out < outEnd; out += 16, sums += 16, scales += 16) {
    let s0 = i32x4.splat(0);
    let s1 = i32x4.splat(0);
    let s2 = i32x4.splat(0);
    let s3 = i32x4.splat(0);
    let at = x;
    for (; at < pairs; at += 32, rows += 128) {
      const v = v128.load(at);
      const w = v128.load(at, 16);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v, v128.load(rows)));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v, v128.load(rows, 16)));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v, v128.load(rows, 32)));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v, v128.load(rows, 48)));
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(w, v128.load(rows, 64)));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(w, v128.load(rows, 80)));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(w, v128.load(rows, 96)));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(w, v128.load(rows, 112)));
    }
    if (at < x + bytes) {
      const v = v128.load(at);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v, v128.load(rows)));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v, v128.load(rows, 16)));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v, v128.load(rows, 32)));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v, v128.load(rows, 48)));
      rows += 64;
    }
    const s01 = i32x4.add(
      i32x4.shuffle(s0, s1, 0, 2, 4, 6),
      i32x4.shuffle(s0, s1, 1, 3, 5, 7),
    );
    const s23 = i32x4.add(
      i32x4.shuffle(s2, s3, 0, 2, 4, 6),
      i32x4.shuffle(s2, s3, 1, 3, 5, 7),
    );
    const all = i32x4.add(
      i32x4.shuffle(s01, s23, 0, 2, 4, 6),
      i32x4.shuffle(s01, s23, 1, 3, 5, 7),
    );
    const weighed = f32x4.mul(factor, f32x4.mul(v128.load(scales), f32x4.convert_i32x4_s(all)));
    v128.store(out, f32x4.add(v128.load(sums), weighed));
  }
}
