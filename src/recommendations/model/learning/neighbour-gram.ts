import type { Arena } from "../kernels/arena.ts";
import { addDots } from "./neighbours.ts";
import type { RidgeTask } from "./ridge.ts";
import { rowsOf, type Rows, type SharedMatrix } from "./shared-matrix.ts";
import type { Task } from "./team.ts";

/**
 * Of so many readings of an item's features the equations are made; where there
 * are more, of a sample of the users, each weighted by the inverse of its chance.
 * Popular items have far more than their few weights need.
 */
const READINGS = 200_000;

/** What the task of the whole Gram matrix is told. */
export interface DenseGramTask {
  readonly matrix: SharedMatrix;
  readonly weights: number;
  readonly out: number;
}

/** Some rows of the whole Gram matrix, up to its diagonal. */
export const denseGram: Task<DenseGramTask> = ({ arena }, { matrix, weights, out }) => {
  const byUser = rowsOf(arena, matrix.byUser);
  const byItem = rowsOf(arena, matrix.byItem);
  const userWeights = arena.f32(weights, matrix.users);
  const dots = new Float64Array(matrix.items);
  const touched = new Uint32Array(matrix.items);
  return (from, to) => {
    for (let item = from; item < to; item++) {
      const row = arena.f32(out + 4 * placeOf(item, 0), item + 1);
      row.fill(0);
      const count = addDots(byUser, byItem, userWeights, item, dots, touched);
      for (let k = 0; k < count; k++) {
        const other = touched[k] as number;
        if (other <= item) row[other] = dots[other] as number;
        dots[other] = 0;
      }
    }
  };
};

/** Where an element of a symmetric matrix is that is kept up to its diagonal. */
function placeOf(a: number, b: number): number {
  return a < b ? (b * (b + 1)) / 2 + a : (a * (a + 1)) / 2 + b;
}

/** Fills in the equations of one item after the other. */
export class NeighbourGram {
  readonly #byItem: Rows;
  readonly #weights: Float32Array;
  readonly #dense: Float32Array | undefined;
  readonly #width: number;
  readonly #a: Float32Array;
  readonly #b: Float32Array;
  readonly #own: Float32Array;
  /** For each user, the last of their readings so far; -1 for none. */
  readonly #last: Int32Array;
  /** Of each reading: feature, strength, the reading of the same user before. */
  #features = new Uint32Array(1_024);
  #strengths = new Float32Array(1_024);
  #before = new Int32Array(1_024);

  constructor(arena: Arena, task: RidgeTask, width: number, a: number, b: number) {
    const { matrix } = task;
    const { weights, dense } = task.equations;
    this.#byItem = rowsOf(arena, matrix.byItem);
    this.#weights = arena.f32(weights, matrix.users);
    const size = (matrix.items * (matrix.items + 1)) / 2;
    this.#dense = dense === 0 ? undefined : arena.f32(dense, size);
    this.#width = width;
    this.#a = arena.f32(a, width * width);
    this.#b = arena.f32(b, width);
    this.#own = new Float32Array(matrix.users);
    this.#last = new Int32Array(matrix.users).fill(-1);
  }

  /** G_NN, on and below the diagonal, and G_Nj. */
  fill(item: number, features: Uint32Array): void {
    if (this.#dense !== undefined) this.#fromDense(item, features, this.#dense);
    else this.#fromReaders(item, features);
  }

  #fromDense(item: number, features: Uint32Array, gram: Float32Array): void {
    for (let row = 0; row < features.length; row++) {
      const feature = features[row] as number;
      const at = row * this.#width;
      for (let column = 0; column <= row; column++) {
        this.#a[at + column] = gram[placeOf(feature, features[column] as number)] as number;
      }
      this.#b[row] = gram[placeOf(feature, item)] as number;
    }
  }

  /** Each user's readings are chained, so that the time is that of the pairs there are. */
  #fromReaders(item: number, features: Uint32Array): void {
    const { offsets, columns, values } = this.#byItem;
    const width = this.#width;
    const count = features.length;
    for (let row = 0; row < count; row++) this.#a.fill(0, row * width, row * width + row + 1);
    this.#b.fill(0);
    for (let at = offsets[item] as number; at < (offsets[item + 1] as number); at++) {
      this.#own[columns[at] as number] = values[at] as number;
    }
    const share = Math.min(1, READINGS / Math.max(1, this.#readings(features)));
    let size = 0;
    for (let row = 0; row < count; row++) {
      const feature = features[row] as number;
      const end = offsets[feature + 1] as number;
      this.#reserve(size + end - (offsets[feature] as number));
      for (let at = offsets[feature] as number; at < end; at++) {
        const user = columns[at] as number;
        if (share < 1 && !isSampled(user, share)) continue;
        const weight = ((this.#weights[user] as number) * (values[at] as number)) / share;
        this.#features[size] = row;
        this.#strengths[size] = values[at] as number;
        this.#before[size] = this.#last[user] as number;
        this.#last[user] = size;
        this.#b[row] = (this.#b[row] as number) + weight * (this.#own[user] as number);
        for (let k = size++; k >= 0; k = this.#before[k] as number) {
          const place = row * width + (this.#features[k] as number);
          this.#a[place] = (this.#a[place] as number) + weight * (this.#strengths[k] as number);
        }
      }
    }
    for (const feature of features) {
      for (let at = offsets[feature] as number; at < (offsets[feature + 1] as number); at++) {
        this.#last[columns[at] as number] = -1;
      }
    }
    for (let at = offsets[item] as number; at < (offsets[item + 1] as number); at++) {
      this.#own[columns[at] as number] = 0;
    }
  }

  #readings(features: Uint32Array): number {
    const { offsets } = this.#byItem;
    let sum = 0;
    for (const feature of features) {
      sum += (offsets[feature + 1] as number) - (offsets[feature] as number);
    }
    return sum;
  }

  #reserve(size: number): void {
    if (size <= this.#features.length) return;
    const length = Math.max(size, 2 * this.#features.length);
    const [features, strengths] = [new Uint32Array(length), new Float32Array(length)];
    const before = new Int32Array(length);
    features.set(this.#features);
    strengths.set(this.#strengths);
    before.set(this.#before);
    this.#features = features;
    this.#strengths = strengths;
    this.#before = before;
  }
}

/** Whether a user is of a sample; the same for all items, so that pairs stay together. */
function isSampled(user: number, share: number): boolean {
  return (Math.imul(user ^ (user >>> 15), 0x9e37_79b1) >>> 0) / 2 ** 32 < share;
}
