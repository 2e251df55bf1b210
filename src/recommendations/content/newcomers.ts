import { setImmediate } from "node:timers/promises";
import type { Items } from "../items.ts";
import type { Model, WeightedVideo } from "../model/model.ts";
import type { ContentIndex } from "./content-index.ts";
import { Followers } from "./followers.ts";
import type { Profile } from "./profile.ts";

/** An item that a model knows much of, by its index, and the similarity of its content. */
interface Neighbour {
  readonly item: number;
  readonly similarity: number;
}

/** So many of the nearest items tell how an item is liked. */
const NEIGHBOURS = 20;
/** To find them, so many items of features are looked at: about 0.1 ms. */
const BUDGET = 50_000;
/** Shares go with this power of the similarity: an item of the same series says more than many of the same genre. */
const SHARPNESS = 2;
/** What speaks against being like the nearest items, as a similarity. */
const DOUBT = 0.1;
/**
 * How much of what its neighbours have a new item gets. Measured on books of which
 * a tenth were new: up to this, what they take from the others costs those less
 * than 1 % of NDCG@100.
 */
const TRUST = 0.9;
/** A model that learned of an item from so many interactions is believed as much as its content. */
const BELIEVED = 5;
/** From so many on, it is believed alone. */
const KNOWN_FROM = 20;
/** So many are kept: those that came last. 17 MB. */
const MOST = 65_536;
/** Sums and products of single precision are off by less than this share. */
const SINGLE_ROUNDING = 1e-5;
/** How long the event loop is held up at a time, in milliseconds. */
const SLICE_MS = 2;

/**
 * The items of the catalog of which the model knows little or nothing, and for
 * each of them the nearest items by content of which it knows much. What an item
 * is worth to a viewer is the mean of what those are, weighted by similarity: the
 * model's own parameters of a new item would be that mean (k nearest neighbours'
 * mapping of attributes to factors, Gantner et al. 2010), shrunk toward 0 by how
 * dissimilar they are. It is linear, so what each like adds to it follows from
 * what it adds to the neighbours.
 *
 * Who the neighbours are depends on nobody's likes. They are found when an item
 * comes or changes and when there is another model, in the background, about
 * 0.1 ms for each item; until then an item has those it had.
 */
export class Newcomers {
  readonly #items: Items;
  readonly #content: ContentIndex;
  readonly #profile: Profile;
  #model: Model | undefined;
  /** The place of each item, plus 1; 0 for none. */
  #places = new Uint32Array(1_024);
  #count = 0;
  #members = new Uint32Array(64);
  #neighbours = new Uint32Array(64 * NEIGHBOURS);
  /** What each neighbour counts. */
  #shares = new Float32Array(64 * NEIGHBOURS);
  /** What all neighbours of each item count together. */
  #wholes = new Float32Array(64);
  /** What the neighbours of each that have much have above the others, in a call. */
  #sums = new Float32Array(64);
  /** The neighbours, turned around; undefined while they change. */
  #followers: Followers | undefined;
  /** How much the best neighbour resembles each item. */
  #likeness = new Float32Array(64);
  /** What each item is worth to the viewer at hand, by its index. */
  #scores = new Float32Array(1_024);
  /** The highest of them, at least 0. */
  #highest = 0;
  /** Who is to be looked at. */
  readonly #waiting = new Set<number>();
  /** From here on all items are to be looked at. */
  #scanned = Infinity;
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(items: Items, content: ContentIndex, profile: Profile) {
    this.#items = items;
    this.#content = content;
    this.#profile = profile;
  }

  /** How many there are. */
  get size(): number {
    return this.#count;
  }

  has(item: number): boolean {
    return (this.#places[item] ?? 0) !== 0;
  }

  /** There is another model, which may know more. */
  follow(model: Model | undefined): void {
    if (model === this.#model) return;
    this.#model = model;
    this.#scores.fill(0);
    this.#scanned = 0;
    this.#work();
  }

  /** An item is new, changed or gone. */
  changed(item: number): void {
    if (!this.#content.has(item)) {
      this.#leave(item);
      return;
    }
    // The last of them are looked at last, and so are those that stay.
    this.#waiting.delete(item);
    this.#waiting.add(item);
    this.#work();
  }

  /** Once all are looked at. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** Looks at no more. */
  close(): void {
    this.#closed = true;
  }

  /**
   * Likes as the model can fold them in: what it does not know is there as the
   * item that resembles it most, in its place and with a weight of so much less.
   */
  standIns<Like extends WeightedVideo>(likes: readonly Like[], model: Model): WeightedVideo[] {
    return likes.map((like) => {
      const place = (this.#places[this.#items.indexOfVideo(like.video)] ?? 0) - 1;
      if (place < 0 || model.support(like.video) > 0) return like;
      const nearest = this.#neighbours[place * NEIGHBOURS] as number;
      const likeness = this.#likeness[place] as number;
      return { video: this.#items.video(nearest), weight: like.weight * likeness };
    });
  }

  /**
   * Visits those that are worth enough to a viewer whose likes the model has just
   * scored, in no order. Who is not worth enough is mostly known without a look at
   * the neighbours: what those have that have much is handed on by them, and each
   * of the others has less than half of what is wanted.
   *
   * @param visit returns what the next must be worth at least.
   * @param least what the first must be worth. Default: nothing in particular.
   */
  score(
    model: Model,
    visit: (item: number, score: number) => number,
    least: number = -Infinity,
  ): void {
    if (this.#count === 0) return;
    const scores = this.#scoresOf(model);
    const [members, neighbours, shares] = [this.#members, this.#neighbours, this.#shares];
    const [wholes, sums] = [this.#wholes, this.#sums];
    let bar = least;
    let others = this.#highest;
    sums.fill(0, 0, this.#count);
    if (bar > 0 && this.#followers !== undefined) {
      others = Math.min(others, bar / 2);
      this.#followers.addAbove(scores, others, sums);
    }
    for (let place = 0; place < this.#count; place++) {
      const item = members[place] as number;
      // Its own score is 0 if the model does not know it.
      let score = scores[item] as number;
      const most = score + (wholes[place] as number) * others + (sums[place] as number);
      if (most * (1 + SINGLE_ROUNDING) < bar) continue;
      const end = (place + 1) * NEIGHBOURS;
      for (let at = place * NEIGHBOURS; at < end; at++) {
        score += (shares[at] as number) * (scores[neighbours[at] as number] as number);
      }
      if (score >= bar) bar = visit(item, score);
    }
  }

  /**
   * Why an item is worth so much: the index, among the likes of the last
   * {@link score}, of one without which it would be less, that which speaks
   * loudest for it; -1 if there is none.
   */
  because(item: number, model: Model): number {
    return this.has(item) ? model.becauseOf(this.#mixtureOf(item)) : -1;
  }

  /** By how much an item would be worth less without each of these likes, in their order. */
  contributions(item: number, model: Model): Float64Array {
    return model.contributionsOf(this.#mixtureOf(item));
  }

  /** What an item is for the model: itself and its neighbours. */
  #mixtureOf(item: number): WeightedVideo[] {
    const place = (this.#places[item] ?? 0) - 1;
    const mixture: WeightedVideo[] = [{ video: this.#items.video(item), weight: 1 }];
    for (let at = place * NEIGHBOURS; at < (place + 1) * NEIGHBOURS; at++) {
      const weight = this.#shares[at] as number;
      const video = this.#items.video(this.#neighbours[at] as number);
      if (weight > 0) mixture.push({ video, weight });
    }
    return mixture;
  }

  /** What the model gave each item, by its index. */
  #scoresOf(model: Model): Float32Array {
    if (this.#scores.length < this.#items.size) {
      this.#scores = new Float32Array(Math.ceil(1.5 * this.#items.size));
    }
    const scores = this.#scores;
    const items = this.#items;
    let highest = 0;
    model.forEachScore((video, score) => {
      const item = items.indexOfVideo(video);
      if (item < 0) return;
      scores[item] = score;
      if (score > highest) highest = score;
    });
    this.#highest = highest;
    return scores;
  }

  #work(): void {
    if (this.#working !== undefined || this.#closed) return;
    this.#working = this.#workThrough().finally(() => {
      this.#working = undefined;
      // What came in the meantime.
      if (this.#hasWork()) this.#work();
    });
  }

  #hasWork(): boolean {
    return this.#waiting.size > 0 || this.#scanned < this.#items.size;
  }

  async #workThrough(): Promise<void> {
    while (this.#hasWork() && !this.#closed) {
      await setImmediate();
      const end = performance.now() + SLICE_MS;
      while (this.#hasWork() && performance.now() < end) this.#step();
    }
    this.#followers ??= this.#turnedAround();
  }

  #turnedAround(): Followers {
    const end = this.#count * NEIGHBOURS;
    const [neighbours, shares] = [this.#neighbours, this.#shares];
    return new Followers(neighbours.subarray(0, end), shares.subarray(0, end), NEIGHBOURS);
  }

  /** Looks at the next item. */
  #step(): void {
    const next = this.#waiting.values().next();
    if (next.done === true) {
      this.#place(this.#scanned++);
    } else {
      this.#waiting.delete(next.value);
      this.#place(next.value);
    }
  }

  /** Finds the neighbours of an item if it is to have any. */
  #place(item: number): void {
    const model = this.#model;
    const support = model?.support(this.#items.video(item)) ?? 0;
    if (model === undefined || support >= KNOWN_FROM || !this.#content.has(item)) {
      this.#leave(item);
      return;
    }
    const neighbours = this.#nearest(item, model);
    if (neighbours.length === 0) this.#leave(item);
    else this.#enter(item, neighbours, trustAt(support));
  }

  #nearest(item: number, model: Model): Neighbour[] {
    const found: Neighbour[] = [];
    this.#profile.begin();
    this.#profile.add(item, 1);
    const accepts = (other: number): boolean =>
      other !== item && model.support(this.#items.video(other)) >= BELIEVED;
    const search = { limit: NEIGHBOURS, budget: BUDGET, accepts };
    this.#profile.best(search, (other, similarity) => found.push({ item: other, similarity }));
    return found;
  }

  #enter(item: number, neighbours: readonly Neighbour[], trust: number): void {
    const place = this.#placeFor(item);
    this.#followers = undefined;
    const powers = neighbours.map(({ similarity }) => similarity ** SHARPNESS);
    const whole = powers.reduce((sum, power) => sum + power, DOUBT ** SHARPNESS);
    this.#likeness[place] = Math.min(1, neighbours[0]?.similarity ?? 0);
    this.#wholes[place] = (trust * (whole - DOUBT ** SHARPNESS)) / whole;
    for (let k = 0; k < NEIGHBOURS; k++) {
      this.#neighbours[place * NEIGHBOURS + k] = neighbours[k]?.item ?? 0;
      this.#shares[place * NEIGHBOURS + k] = (trust * (powers[k] ?? 0)) / whole;
    }
  }

  #placeFor(item: number): number {
    if (item >= this.#places.length) {
      const places = new Uint32Array(Math.ceil(1.5 * (item + 1)));
      places.set(this.#places);
      this.#places = places;
    }
    const known = this.#places[item] as number;
    if (known > 0) return known - 1;
    if (this.#count === MOST) this.#leave(this.#members[0] as number);
    const place = this.#count++;
    if (place === this.#members.length) this.#grow();
    this.#members[place] = item;
    this.#places[item] = place + 1;
    return place;
  }

  /** An item leaves its place to the last one. */
  #leave(item: number): void {
    this.#waiting.delete(item);
    const place = (this.#places[item] ?? 0) - 1;
    if (place < 0) return;
    this.#followers = undefined;
    this.#places[item] = 0;
    const last = --this.#count;
    if (place === last) return;
    const member = this.#members[last] as number;
    this.#members[place] = member;
    this.#places[member] = place + 1;
    this.#likeness[place] = this.#likeness[last] as number;
    this.#wholes[place] = this.#wholes[last] as number;
    const [from, to] = [last * NEIGHBOURS, place * NEIGHBOURS];
    this.#neighbours.copyWithin(to, from, from + NEIGHBOURS);
    this.#shares.copyWithin(to, from, from + NEIGHBOURS);
  }

  #grow(): void {
    const room = 2 * this.#members.length;
    const members = new Uint32Array(room);
    const neighbours = new Uint32Array(room * NEIGHBOURS);
    const shares = new Float32Array(room * NEIGHBOURS);
    const likeness = new Float32Array(room);
    const wholes = new Float32Array(room);
    members.set(this.#members);
    neighbours.set(this.#neighbours);
    shares.set(this.#shares);
    likeness.set(this.#likeness);
    wholes.set(this.#wholes);
    this.#sums = new Float32Array(room);
    this.#members = members;
    this.#neighbours = neighbours;
    this.#shares = shares;
    this.#likeness = likeness;
    this.#wholes = wholes;
  }
}

/** How much of the mean an item gets of which a model has learned from so many interactions. */
function trustAt(support: number): number {
  return (TRUST * BELIEVED) / (BELIEVED + support);
}
