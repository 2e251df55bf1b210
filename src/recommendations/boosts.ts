import type { Items } from "./items.ts";

/** What is to be ranked higher or lower: the items of a category, of a creator, or one by its id. */
export interface Boost {
  readonly target: "category" | "creator" | "item";
  /** The name of the category or creator, or the id. */
  readonly name: string;
  /** What scores are multiplied by, above 0. */
  readonly factor: number;
}

/** However many boosts an item matches, its score is multiplied by this at most, or divided. */
const MOST = 100;

/** The boosts of a request, by what they match. */
export class Boosts {
  readonly #items: Items;
  readonly #categories: ReadonlyMap<number, number>;
  readonly #creators: ReadonlyMap<number, number>;
  readonly #indexes: ReadonlyMap<number, number>;
  readonly #isEmpty: boolean;
  /** No score is multiplied by more than this; at least 1. */
  readonly most: number;

  constructor(items: Items, boosts: readonly Boost[]) {
    this.#items = items;
    this.#categories = factorsOf(boosts, "category", (name) => items.category(name));
    this.#creators = factorsOf(boosts, "creator", (name) => items.creator(name));
    this.#indexes = factorsOf(boosts, "item", (id) => items.indexOf(id));
    this.#isEmpty = this.#categories.size + this.#creators.size + this.#indexes.size === 0;
    const all = boosts.reduce((product, { factor }) => product * Math.max(1, factor), 1);
    this.most = this.#isEmpty ? 1 : Math.min(MOST, all);
  }

  /** What the score of an item is multiplied by. */
  of(index: number): number {
    if (this.#isEmpty) return 1;
    let factor = this.#indexes.get(index) ?? 1;
    for (const category of this.#items.categoriesOf(index)) {
      factor *= this.#categories.get(category) ?? 1;
    }
    for (const creator of this.#items.creatorsOf(index)) {
      factor *= this.#creators.get(creator) ?? 1;
    }
    return Math.min(MOST, Math.max(1 / MOST, factor));
  }
}

/** The factors of one kind of target, by its number; several of the same are multiplied. */
function factorsOf(
  boosts: readonly Boost[],
  target: Boost["target"],
  numberOf: (name: string) => number | undefined,
): Map<number, number> {
  const factors = new Map<number, number>();
  for (const boost of boosts) {
    const number = boost.target === target ? numberOf(boost.name) : undefined;
    if (number !== undefined) factors.set(number, (factors.get(number) ?? 1) * boost.factor);
  }
  return factors;
}
