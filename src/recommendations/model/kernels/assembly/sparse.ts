/**
 * Rows of a sparse matrix: row i has the elements from offsets[i] to offsets[i + 1]
 * of `targets`, in ascending order, and of `weights`. And a search in what they
 * were added up to. Pointers are in bytes; all but floats are 32-bit numbers.
 */

/** out[t] += factor · weight, for each target t and its weight of row i. */
export function spread(
  offsets: usize,
  targets: usize,
  weights: usize,
  i: i32,
  factor: f32,
  out: usize,
): void {
  const start = <usize>load<u32>(offsets + (<usize>i << 2)) << 2;
  const end = <usize>load<u32>(offsets + (<usize>i << 2), 4) << 2;
  for (let at = start; at < end; at += 4) {
    const to = out + (<usize>load<u32>(targets + at) << 2);
    store<f32>(to, load<f32>(to) + factor * load<f32>(weights + at));
  }
}

/**
 * out[p] = Σ_t B[rows[p]][t] · mix[marks[t]], for each of `count` rows of the sparse
 * matrix B: of the targets that are marked, 16-bit numbers above 0, by their weights
 * the rows of `mix`, of `width` elements, a multiple of four.
 */
export function multiply(
  offsets: usize,
  targets: usize,
  weights: usize,
  rows: usize,
  count: i32,
  marks: usize,
  mix: usize,
  width: i32,
  out: usize,
): void {
  const wide = <usize>width << 2;
  const last = rows + (<usize>count << 2);
  for (; rows < last; rows += 4, out += wide) {
    for (let k: usize = 0; k < wide; k += 16) v128.store(out + k, f32x4.splat(0));
    const row = offsets + (<usize>load<u32>(rows) << 2);
    const end = <usize>load<u32>(row, 4) << 2;
    for (let at = <usize>load<u32>(row) << 2; at < end; at += 4) {
      const mark = <usize>load<u16>(marks + (<usize>load<u32>(targets + at) << 1));
      if (mark == 0) continue;
      const weight = v128.load_splat<f32>(weights + at);
      const from = mix + mark * wide;
      for (let k: usize = 0; k < wide; k += 16) {
        const sum = f32x4.add(v128.load(out + k), f32x4.mul(weight, v128.load(from + k)));
        v128.store(out + k, sum);
      }
    }
  }
}

/**
 * The first place from `from` on whose value is above 0 and at least `bar`;
 * `count`, a multiple of four, if there is none.
 */
export function next(values: usize, from: i32, count: i32, bar: f32): i32 {
  let place = from;
  while ((place & 15) != 0 && place < count) {
    const value = load<f32>(values + (<usize>place << 2));
    if (value >= bar && value > 0) return place;
    place++;
  }
  const least = f32x4.splat(bar);
  const zero = f32x4.splat(0);
  for (; place + 16 <= count; place += 16) {
    const at = values + (<usize>place << 2);
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const ab = v128.or(
      v128.and(f32x4.ge(a, least), f32x4.gt(a, zero)),
      v128.and(f32x4.ge(b, least), f32x4.gt(b, zero)),
    );
    const cd = v128.or(
      v128.and(f32x4.ge(c, least), f32x4.gt(c, zero)),
      v128.and(f32x4.ge(d, least), f32x4.gt(d, zero)),
    );
    if (v128.any_true(v128.or(ab, cd))) break;
  }
  for (; place < count; place++) {
    const value = load<f32>(values + (<usize>place << 2));
    if (value >= bar && value > 0) return place;
  }
  return count;
}
