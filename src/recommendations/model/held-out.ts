import { userCount, type Matrix } from "./matrix.ts";
import { randomFrom, shuffled } from "./random.ts";

/** Who may be held out: a user of at least so many items. */
const MIN_ITEMS = 5;
/** How much of what they like a model is given. */
const GIVEN = 0.8;

/** Users of a matrix, by their rows, in three groups. */
export interface Groups {
  /** Never learned from, so that any model can be judged on them. */
  readonly judges: Uint32Array;
  /** Learned from in the end, after the settings were chosen by them. */
  readonly tuners: Uint32Array;
  readonly others: Uint32Array;
}

/** How large the two groups are at most, as a share of those who may be held out and in number. */
const JUDGES = { share: 0.025, most: 500 };
const TUNERS = { share: 0.1, most: 1_000 };

/**
 * Groups users by a hash of their numbers and a seed: of one log, whose numbers
 * stay, mostly the same are judges each time, so that a model can be compared
 * with the one before on users that neither was learned from.
 * @param users The number of the user of each row.
 */
export function groupUsers(matrix: Matrix, users: ArrayLike<number>, seed: number): Groups {
  const eligible: { row: number; hash: number }[] = [];
  for (let row = 0; row < userCount(matrix); row++) {
    const items = (matrix.offsets[row + 1] as number) - (matrix.offsets[row] as number);
    if (items >= MIN_ITEMS) eligible.push({ row, hash: hashOf(users[row] as number, seed) });
  }
  eligible.sort((a, b) => a.hash - b.hash || a.row - b.row);
  const rows = eligible.map(({ row }) => row);
  const judgeCount = Math.min(JUDGES.most, Math.floor(rows.length * JUDGES.share));
  const tunerCount = Math.min(TUNERS.most, Math.floor(rows.length * TUNERS.share));
  const judges = rows.slice(0, judgeCount);
  const tuners = rows.slice(judgeCount, judgeCount + tunerCount);
  const out = new Set([...judges, ...tuners]);
  const others: number[] = [];
  for (let row = 0; row < userCount(matrix); row++) if (!out.has(row)) others.push(row);
  return {
    judges: Uint32Array.from(judges),
    tuners: Uint32Array.from(tuners),
    others: Uint32Array.from(others),
  };
}

/** What some users like, in two parts: four fifths to give, the rest to find. */
export function splitItems(
  matrix: Matrix,
  rows: Uint32Array,
  seed: number,
): { readonly given: Matrix; readonly hidden: Matrix } {
  const random = randomFrom(seed);
  const given: number[][] = [];
  const hidden: number[][] = [];
  for (const row of rows) {
    const [start, end] = [matrix.offsets[row] as number, matrix.offsets[row + 1] as number];
    const order = shuffled(
      Array.from({ length: end - start }, (_, k) => start + k),
      random,
    );
    const count = Math.floor(order.length * GIVEN);
    given.push(order.slice(0, count));
    hidden.push(order.slice(count));
  }
  return { given: selectPairs(matrix, given), hidden: selectPairs(matrix, hidden) };
}

/** The matrix of some pairs of another, by their places, row by row. */
function selectPairs(matrix: Matrix, places: readonly (readonly number[])[]): Matrix {
  const all = places.flat();
  const offsets = new Uint32Array(places.length + 1);
  for (const [row, { length }] of places.entries()) {
    offsets[row + 1] = (offsets[row] as number) + length;
  }
  return {
    items: matrix.items,
    offsets,
    columns: Uint32Array.from(all, (place) => matrix.columns[place] as number),
    strengths: Float32Array.from(all, (place) => matrix.strengths[place] as number),
  };
}

/** Mixes 32 bits so that neighbours end far apart (the finalizer of MurmurHash3). */
function hashOf(value: number, seed: number): number {
  let mixed = (value ^ seed) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
