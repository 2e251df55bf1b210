import type { Model, WeightedColumn } from "../model/model.ts";
import { Followers } from "./followers.ts";

/** Columns that a mixture can have: the item's own, and of others so many. */
export const OTHERS = 20;
const WIDTH = 1 + OTHERS;
/** So many are kept: those that came last. 17 MB. */
const MOST = 65_536;
/** Sums and products of single precision are off by less than this share. */
const SINGLE_ROUNDING = 1e-5;

/**
 * Items as weighted sums of the columns of a model: first their own, of weight 1 if
 * the model knows it, then others, which weigh less than 1 together. What an item is
 * worth to a viewer is that sum of what its columns are worth to them.
 */
export class Mixtures {
  /** The place of each item, plus 1; 0 for none. */
  #places = new Uint32Array(1_024);
  #count = 0;
  #items = new Uint32Array(64);
  #columns = new Uint32Array(64 * WIDTH);
  /** How much each column counts; 0 where there is none. */
  #shares = new Float32Array(64 * WIDTH);
  /** What the columns of any place count together, at most. */
  #heaviest = 0;
  /** The columns, turned around, for the first time when there are any. */
  #followers: Followers | undefined;
  /** Whether they are those of the model at hand. */
  #isTurned = false;
  /** The places that are not any more as they were turned around. */
  readonly #changed = new Set<number>();

  /** How many there are. */
  get size(): number {
    return this.#count;
  }

  has(item: number): boolean {
    return (this.#places[item] ?? 0) !== 0;
  }

  /** The columns of an item that has any, its own first, if there is one. */
  of(item: number): WeightedColumn[] {
    const mixture: WeightedColumn[] = [];
    const place = (this.#places[item] ?? 0) - 1;
    if (place < 0) return mixture;
    for (let at = place * WIDTH; at < (place + 1) * WIDTH; at++) {
      const weight = this.#shares[at] as number;
      if (weight > 0) mixture.push({ column: this.#columns[at] as number, weight });
    }
    return mixture;
  }

  /**
   * An item is made of this from now on. The oldest may go for it.
   *
   * @param own its column; -1 for none.
   * @param others at most {@link OTHERS}, with weights above 0.
   */
  set(item: number, own: number, others: readonly WeightedColumn[]): void {
    const place = this.#placeFor(item);
    this.#changed.add(place);
    const at = place * WIDTH;
    this.#columns[at] = Math.max(0, own);
    this.#shares[at] = own < 0 ? 0 : 1;
    for (let k = 0; k < OTHERS; k++) {
      this.#columns[at + 1 + k] = others[k]?.column ?? 0;
      this.#shares[at + 1 + k] = others[k]?.weight ?? 0;
    }
    const weight = others.reduce((sum, other) => sum + other.weight, own < 0 ? 0 : 1);
    this.#heaviest = Math.max(this.#heaviest, weight);
  }

  /** An item is in no mixture any more. It leaves its place to the last one. */
  remove(item: number): void {
    const place = (this.#places[item] ?? 0) - 1;
    if (place < 0) return;
    this.#places[item] = 0;
    const last = --this.#count;
    this.#changed.delete(last);
    if (place === last) return;
    this.#changed.add(place);
    const moved = this.#items[last] as number;
    this.#items[place] = moved;
    this.#places[moved] = place + 1;
    const [from, to] = [last * WIDTH, place * WIDTH];
    this.#columns.copyWithin(to, from, from + WIDTH);
    this.#shares.copyWithin(to, from, from + WIDTH);
  }

  /** There is another model: each column of the old one is this column of it; -1 for none. */
  renumber(columns: Int32Array): void {
    this.#isTurned = false;
    for (let at = 0; at < this.#count * WIDTH; at++) {
      if (this.#shares[at] === 0) continue;
      const column = columns[this.#columns[at] as number] as number;
      this.#columns[at] = Math.max(0, column);
      if (column < 0) this.#shares[at] = 0;
    }
  }

  /**
   * Turns the columns around, so that few need to be looked at, if so many places have
   * changed: that takes the longer the more there are.
   */
  turnAround(atLeast: number): void {
    const isTurned = this.#isTurned && this.#changed.size < atLeast;
    if (isTurned || this.#count === 0) return;
    const end = this.#count * WIDTH;
    this.#followers ??= new Followers();
    this.#followers.take(this.#columns.subarray(0, end), this.#shares.subarray(0, end), WIDTH);
    this.#isTurned = true;
    this.#changed.clear();
  }

  /**
   * Visits those that are worth more than 0, and enough, by the last scores of a
   * model, in no order. Who is not worth enough is known without a look, mostly: all
   * that the columns of an item have above half of what is wanted is handed on by
   * them to the item, and since its weights are less than 2 together, who is handed
   * nothing has not enough.
   *
   * @param least what the first must be worth.
   * @param visit returns what the next must be worth at least.
   * @param accepts whether an item is to be visited.
   */
  score(
    model: Model,
    least: number,
    visit: (item: number, score: number) => number,
    accepts: (item: number) => boolean,
  ): void {
    let bar = least;
    const look = (place: number): void => {
      const item = this.#items[place] as number;
      if (!accepts(item)) return;
      const score = this.#worthOf(model, place);
      if (score >= bar && score > 0) bar = visit(item, score);
    };
    const followers = this.#followers;
    if (followers === undefined || !this.#isTurned) {
      for (let place = 0; place < this.#count; place++) look(place);
      return;
    }
    for (const place of this.#changed) look(place);
    const wanted = bar;
    const half = Math.max(0, wanted / 2);
    model.forEachFrom(half, (column, score) => followers.add(column, score - half));
    // What an item may have besides what is handed on to it.
    const most = half * this.#heaviest;
    followers.drain((wanted - most) * (1 - SINGLE_ROUNDING), (place) => {
      if (place < this.#count && !this.#changed.has(place)) look(place);
    });
  }

  #worthOf(model: Model, place: number): number {
    let worth = 0;
    for (let at = place * WIDTH; at < (place + 1) * WIDTH; at++) {
      const share = this.#shares[at] as number;
      if (share > 0) worth += share * model.scoreAt(this.#columns[at] as number);
    }
    return worth;
  }

  #placeFor(item: number): number {
    if (item >= this.#places.length) {
      const places = new Uint32Array(Math.ceil(1.5 * (item + 1)));
      places.set(this.#places);
      this.#places = places;
    }
    const known = this.#places[item] as number;
    if (known > 0) return known - 1;
    if (this.#count === MOST) this.remove(this.#items[0] as number);
    const place = this.#count++;
    if (place === this.#items.length) this.#grow();
    this.#items[place] = item;
    this.#places[item] = place + 1;
    return place;
  }

  #grow(): void {
    const room = 2 * this.#items.length;
    const items = new Uint32Array(room);
    const columns = new Uint32Array(room * WIDTH);
    const shares = new Float32Array(room * WIDTH);
    items.set(this.#items);
    columns.set(this.#columns);
    shares.set(this.#shares);
    this.#items = items;
    this.#columns = columns;
    this.#shares = shares;
  }
}
