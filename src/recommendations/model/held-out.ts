import { TopN } from "../top-n.ts";
import { userCount, type Matrix } from "./matrix.ts";
import { randomFrom, shuffled } from "../../random.ts";

/** Who may be held out: a user of at least so many items. */
const MIN_ITEMS = 5;
/** How much of what they like a model is given. */
const GIVEN = 0.8;

/** Users of a matrix, by their rows in ascending order but for the first two groups. */
export interface Groups {
  /** Never learned from, so that any model can be judged on them. */
  readonly judges: Uint32Array;
  /** Learned from in the end, after the settings were chosen by them. */
  readonly tuners: Uint32Array;
  /** Not learned from either: they will be judges once they like enough. */
  readonly reserved: Uint32Array;
  readonly others: Uint32Array;
  /** The {@link hashOf} of the last judge; -1 without any. Whose is above was learned from. */
  readonly judgesTo: number;
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
  const rows = userCount(matrix);
  let eligible = 0;
  for (let row = 0; row < rows; row++) if (mayBeHeldOut(matrix, row)) eligible++;
  const judgeCount = Math.min(JUDGES.most, Math.floor(eligible * JUDGES.share));
  const tunerCount = Math.min(TUNERS.most, Math.floor(eligible * TUNERS.share));
  const first = new TopN(judgeCount + tunerCount);
  for (let row = 0; row < rows; row++) {
    if (mayBeHeldOut(matrix, row)) first.push(row, -hashOf(users[row] as number, seed));
  }
  const chosen = first.takeIds();
  const judges = Uint32Array.from(chosen.slice(0, judgeCount));
  const tuners = Uint32Array.from(chosen.slice(judgeCount));
  const last = judges.at(-1);
  const judgesTo = last === undefined ? -1 : hashOf(users[last] as number, seed);
  const isChosen = new Uint8Array(rows);
  for (const row of chosen) isChosen[row] = 1;
  const rest = Uint32Array.from({ length: rows }, (_, row) => row).filter(
    (row) => isChosen[row] === 0,
  );
  const isReserved = (row: number): boolean => hashOf(users[row] as number, seed) <= judgesTo;
  return {
    ...{ judges, tuners, judgesTo },
    reserved: rest.filter(isReserved),
    others: rest.filter((row) => !isReserved(row)),
  };
}

function mayBeHeldOut({ offsets }: Matrix, row: number): boolean {
  return (offsets[row + 1] as number) - (offsets[row] as number) >= MIN_ITEMS;
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

/**
 * Where a user stands in the order in which they are chosen: from 0 to 2^32 - 1.
 * The 32 bits are mixed so that neighbours end far apart (the finalizer of
 * MurmurHash3).
 */
export function hashOf(value: number, seed: number): number {
  let mixed = (value ^ seed) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
