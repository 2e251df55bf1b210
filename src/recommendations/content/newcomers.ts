import { setImmediate } from "node:timers/promises";
import type { Items } from "../items.ts";
import type { Mixture, Model, WeightedColumn, WeightedVideo } from "../model/model.ts";
import type { ContentIndex } from "./content-index.ts";
import { Mixtures, OTHERS } from "./mixtures.ts";
import type { Profile } from "./profile.ts";

/** An item that a model knows much of, by its column, and the similarity of its content. */
interface Neighbour {
  readonly column: number;
  readonly similarity: number;
}

/** So many of the nearest items tell how an item is liked. */
const NEIGHBOURS = OTHERS;
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
/** After so many of them have changed, it is worth while to turn all of them around. */
const MANY = 1_000;
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
  /** What each of them is for the model: itself and its neighbours. */
  readonly #mixtures = new Mixtures();
  /** How much the nearest neighbour resembles each, by the item's index. */
  #likeness = new Float32Array(1_024);
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
    return this.#mixtures.size;
  }

  has(item: number): boolean {
    return this.#mixtures.has(item);
  }

  /** There is another model, which may know more. Whatever else is asked is about the last one. */
  follow(model: Model | undefined): void {
    if (model === this.#model) return;
    this.#renumber(model);
    this.#model = model;
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
  standIns(likes: readonly WeightedVideo[]): readonly WeightedVideo[] {
    const model = this.#model;
    if (model === undefined || this.size === 0) return likes;
    return likes.map((like) => {
      const item = this.#items.indexOfVideo(like.video);
      if (!this.has(item) || model.columnOf(like.video) >= 0) return like;
      const [nearest] = this.#mixtures.of(item);
      // The model may be so new that it is not known yet who of its videos is near.
      if (nearest === undefined) return like;
      const likeness = this.#likeness[item] as number;
      return { video: model.videoOf(nearest.column), weight: like.weight * likeness };
    });
  }

  /**
   * Visits those that are worth more than 0, and enough, to the viewer whose likes
   * the model has just scored, in no order.
   *
   * @param least what the first must be worth.
   * @param visit returns what the next must be worth at least.
   * @param accepts whether an item is to be visited.
   */
  score(
    least: number,
    visit: (item: number, score: number) => number,
    accepts: (item: number) => boolean = () => true,
  ): void {
    if (this.#model !== undefined) this.#mixtures.score(this.#model, least, visit, accepts);
  }

  /** What an item is for the model: if it is one of these, itself and its neighbours, else itself. */
  mixtureOf(item: number): Mixture {
    if (this.has(item)) return this.#mixtures.of(item);
    const column = this.#model?.columnOf(this.#items.video(item)) ?? -1;
    return column < 0 ? [] : [{ column, weight: 1 }];
  }

  /** Has those of the last model by the columns of another. */
  #renumber(model: Model | undefined): void {
    const before = this.#model;
    if (before === undefined || model === undefined || this.size === 0) return;
    const columns = new Int32Array(before.size);
    // Both have their videos in ascending order.
    for (let from = 0, to = 0; from < before.size; from++) {
      const video = before.videoOf(from);
      while (to < model.size && model.videoOf(to) < video) to++;
      columns[from] = model.videoOf(to) === video ? to : -1;
    }
    this.#mixtures.renumber(columns);
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
      this.#mixtures.turnAround(MANY);
    }
    this.#mixtures.turnAround(1);
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
    const video = this.#items.video(item);
    const support = model?.support(video) ?? 0;
    if (model === undefined || support >= KNOWN_FROM || !this.#content.has(item)) {
      this.#leave(item);
      return;
    }
    const neighbours = this.#nearestTo(item, model);
    if (neighbours.length === 0) {
      this.#leave(item);
      return;
    }
    this.#mixtures.set(item, model.columnOf(video), weighted(neighbours, trustAt(support)));
    this.#setLikeness(item, Math.min(1, neighbours[0]?.similarity ?? 0));
  }

  #nearestTo(item: number, model: Model): Neighbour[] {
    const found: Neighbour[] = [];
    this.#profile.begin();
    this.#profile.add(item, 1);
    const columnOf = (other: number): number => model.columnOf(this.#items.video(other));
    const accepts = (other: number): boolean =>
      other !== item && model.support(this.#items.video(other)) >= BELIEVED;
    const search = { limit: NEIGHBOURS, budget: BUDGET, accepts };
    this.#profile.best(search, (other, similarity) =>
      found.push({ column: columnOf(other), similarity }),
    );
    return found;
  }

  #setLikeness(item: number, likeness: number): void {
    if (item >= this.#likeness.length) {
      const longer = new Float32Array(Math.ceil(1.5 * (item + 1)));
      longer.set(this.#likeness);
      this.#likeness = longer;
    }
    this.#likeness[item] = likeness;
  }

  #leave(item: number): void {
    this.#waiting.delete(item);
    this.#mixtures.remove(item);
  }
}

/** What neighbours count: together less than so much of the whole as they are trusted. */
function weighted(neighbours: readonly Neighbour[], trust: number): WeightedColumn[] {
  const powers = neighbours.map(({ similarity }) => similarity ** SHARPNESS);
  const whole = powers.reduce((sum, power) => sum + power, DOUBT ** SHARPNESS);
  return neighbours.map(({ column }, k) => ({
    column,
    weight: (trust * (powers[k] as number)) / whole,
  }));
}

/** How much of the mean an item gets of which a model has learned from so many interactions. */
function trustAt(support: number): number {
  return (TRUST * BELIEVED) / (BELIEVED + support);
}
