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

/** Counting so many takes less time than halving them. */
const FEW: u32 = 32;

/** How many of some numbers in ascending order are below a bound. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function below(numbers: usize, count: u32, bound: u32): u32 {
  const bounds = i32x4.splat(bound);
  const end = numbers + (<usize>count << 2);
  const fours = numbers + ((<usize>count & ~3) << 2);
  // Each that is below adds -1.
  let sums = i32x4.splat(0);
  for (; numbers < fours; numbers += 16) {
    sums = i32x4.add(sums, i32x4.lt_s(v128.load(numbers), bounds));
  }
  const pairs = i32x4.add(sums, i32x4.shuffle(sums, sums, 2, 3, 0, 1));
  let sum = -(i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1));
  for (; numbers < end; numbers += 4) sum += <i32>(load<u32>(numbers) < bound);
  return sum;
}

/** out[p] = the weight of a target in row rows[p], 0 if it has none, for each of `count` rows. */
export function pick(
  offsets: usize,
  targets: usize,
  weights: usize,
  rows: usize,
  count: i32,
  target: u32,
  out: usize,
): void {
  for (let p: usize = 0; p < <usize>count << 2; p += 4) {
    const row = offsets + (<usize>load<u32>(rows + p) << 2);
    let low = load<u32>(row);
    const end = load<u32>(row, 4);
    let length = end - low;
    // The first that is not below the target: by halves, without a branch to guess,
    // and when few are left, by counting those that are below.
    while (length > FEW) {
      const half = length >> 1;
      const isBelow = load<u32>(targets + (<usize>(low + half) << 2)) < target;
      low = select<u32>(low + half + 1, low, isBelow);
      length = select<u32>(length - half - 1, half, isBelow);
    }
    low += below(targets + (<usize>low << 2), length, target);
    const at = <usize>low << 2;
    const isThere = low < end && load<u32>(targets + at) == target;
    store<f32>(out + p, isThere ? load<f32>(weights + at) : 0);
  }
}

/** out[p] = row rows[p] · x, for each of `count` rows; x has an element for each column. */
export function multiply(
  offsets: usize,
  targets: usize,
  weights: usize,
  rows: usize,
  count: i32,
  x: usize,
  out: usize,
): void {
  for (let p: usize = 0; p < <usize>count << 2; p += 4) {
    const row = offsets + (<usize>load<u32>(rows + p) << 2);
    const end = <usize>load<u32>(row, 4) << 2;
    let sum: f32 = 0;
    for (let at = <usize>load<u32>(row) << 2; at < end; at += 4) {
      sum += load<f32>(weights + at) * load<f32>(x + (<usize>load<u32>(targets + at) << 2));
    }
    store<f32>(out + p, sum);
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
