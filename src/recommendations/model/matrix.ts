/**
 * Who likes what, as sparse rows: those of user u are the elements from
 * `offsets[u]` to `offsets[u + 1]` of the other two arrays. Eight bytes for
 * each pair of a user and an item.
 */
export interface Matrix {
  /** How many columns there are. */
  readonly items: number;
  readonly offsets: Uint32Array;
  /** The column of each pair. */
  readonly columns: Uint32Array;
  /** How strongly each user likes the item: above 0. */
  readonly strengths: Float32Array;
}

/** How many rows a matrix has. */
export function userCount(matrix: Matrix): number {
  return matrix.offsets.length - 1;
}

/** How many pairs each column has. */
export function columnCounts({ items, columns }: Matrix): Uint32Array {
  const counts = new Uint32Array(items);
  for (const column of columns) (counts[column] as number)++;
  return counts;
}

/** A matrix, and the videos that its columns stand for. */
export interface Interactions {
  readonly matrix: Matrix;
  /** The video of each column, in ascending order. */
  readonly videos: Uint32Array;
  /** The number of the user of each row. */
  readonly users: Uint32Array;
}

/** Collects a matrix user by user. */
export class MatrixBuilder {
  #offsets = [0];
  #users: number[] = [];
  #videos = new Uint32Array(1_024);
  #strengths = new Float32Array(1_024);
  #size = 0;

  /** Adds what the user at hand likes; each video once. */
  add(video: number, strength: number): void {
    if (this.#size === this.#videos.length) {
      const videos = new Uint32Array(2 * this.#size);
      const strengths = new Float32Array(2 * this.#size);
      videos.set(this.#videos);
      strengths.set(this.#strengths);
      this.#videos = videos;
      this.#strengths = strengths;
    }
    this.#videos[this.#size] = video;
    this.#strengths[this.#size++] = strength;
  }

  /**
   * The user at hand is complete; one who likes nothing is no user.
   * @param user Their number. Default: how many there were before.
   */
  endUser(user: number = this.#users.length): void {
    if (this.#offsets.at(-1) === this.#size) return;
    this.#offsets.push(this.#size);
    this.#users.push(user);
  }

  /** The matrix, with a column for each video that somebody likes. */
  build(): Interactions {
    const all = this.#videos.subarray(0, this.#size);
    const videos = distinct(all);
    // Not in place: more may be added, and another matrix be built.
    const columns = new Uint32Array(this.#size);
    for (let at = 0; at < this.#size; at++) columns[at] = columnOf(videos, all[at] as number);
    const matrix: Matrix = {
      items: videos.length,
      offsets: Uint32Array.from(this.#offsets),
      columns,
      strengths: this.#strengths.slice(0, this.#size),
    };
    return { matrix, videos, users: Uint32Array.from(this.#users) };
  }
}

/** The different numbers among some, in ascending order. */
function distinct(numbers: Uint32Array): Uint32Array {
  // The numbers of a log are nearly all there: a byte for each costs less than sorting.
  let most = 0;
  for (let at = 0; at < numbers.length; at++) most = Math.max(most, numbers[at] as number);
  if (most > 64 * numbers.length) {
    return numbers.toSorted().filter((one, at, sorted) => at === 0 || one !== sorted[at - 1]);
  }
  const isThere = new Uint8Array(most + 1);
  for (let at = 0; at < numbers.length; at++) isThere[numbers[at] as number] = 1;
  let count = 0;
  for (let one = 0; one <= most; one++) count += isThere[one] as number;
  const found = new Uint32Array(count);
  count = 0;
  for (let one = 0; one <= most; one++) if (isThere[one] === 1) found[count++] = one;
  return found;
}

/** The place of a video in an ascending array; -1 if it is not there. */
export function columnOf(videos: Uint32Array, video: number): number {
  let low = 0;
  let high = videos.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = videos[middle] as number;
    if (found === video) return middle;
    if (found < video) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The matrix of some of its users, in the order of `rows`. */
export function selectUsers(matrix: Matrix, rows: Uint32Array): Matrix {
  const offsets = new Uint32Array(rows.length + 1);
  for (const [index, row] of rows.entries()) {
    const size = (matrix.offsets[row + 1] as number) - (matrix.offsets[row] as number);
    offsets[index + 1] = (offsets[index] as number) + size;
  }
  const size = offsets.at(-1) as number;
  const columns = new Uint32Array(size);
  const strengths = new Float32Array(size);
  for (const [index, row] of rows.entries()) {
    const [start, end] = [matrix.offsets[row] as number, matrix.offsets[row + 1] as number];
    columns.set(matrix.columns.subarray(start, end), offsets[index]);
    strengths.set(matrix.strengths.subarray(start, end), offsets[index]);
  }
  return { items: matrix.items, offsets, columns, strengths };
}

/** The same users, with only those of their pairs whose column is marked by a 1. */
export function selectColumns(matrix: Matrix, isSelected: Uint8Array): Matrix {
  const offsets = new Uint32Array(matrix.offsets.length);
  const places: number[] = [];
  for (let row = 0; row < userCount(matrix); row++) {
    const end = matrix.offsets[row + 1] as number;
    for (let at = matrix.offsets[row] as number; at < end; at++) {
      if (isSelected[matrix.columns[at] as number] === 1) places.push(at);
    }
    offsets[row + 1] = places.length;
  }
  return {
    items: matrix.items,
    offsets,
    columns: Uint32Array.from(places, (at) => matrix.columns[at] as number),
    strengths: Float32Array.from(places, (at) => matrix.strengths[at] as number),
  };
}

/** The same pairs by item: rows are items, columns are users. */
export function transposed(matrix: Matrix): Matrix {
  const users = userCount(matrix);
  const offsets = new Uint32Array(matrix.items + 1);
  for (const item of matrix.columns) (offsets[item + 1] as number)++;
  for (let item = 0; item < matrix.items; item++) {
    offsets[item + 1] = (offsets[item + 1] as number) + (offsets[item] as number);
  }
  const next = offsets.slice();
  const columns = new Uint32Array(matrix.columns.length);
  const strengths = new Float32Array(matrix.columns.length);
  for (let user = 0; user < users; user++) {
    const end = matrix.offsets[user + 1] as number;
    for (let at = matrix.offsets[user] as number; at < end; at++) {
      const item = matrix.columns[at] as number;
      const place = next[item] as number;
      next[item] = place + 1;
      columns[place] = user;
      strengths[place] = matrix.strengths[at] as number;
    }
  }
  return { items: users, offsets, columns, strengths };
}
