import { featuresOf, FIELDS, Field, fieldOf, type Content } from "./features.ts";
import { Lists } from "./lists.ts";

/**
 * How much each field counts, by their numbers; measured on books, where a title
 * has the name of its series.
 */
const FIELD_WEIGHTS: readonly number[] = [1, 1.5, 1, 1];

/** A word of this many items, and of this share of all, says nothing: a stop word. */
const STOP_WORD = { items: 50, share: 0.1 };

/** So many items are weighed anew with each change. */
const WEIGHED = 4;

/**
 * The content of items as sparse vectors of features, and which items have each
 * feature. Items are numbers from 0 up. The weight of a feature f in an item is
 *
 *     w_field · idf(f) / √n_field / ‖·‖,   idf(f) = ln((N + 1) / df(f))
 *
 * (Salton and Buckley 1988, with binary term frequency): rare features say most;
 * of n features in one field each says less, so that a long description does not
 * drown an author; and vectors have the length 1, so that their products are
 * cosines. N and df change with each item, lengths are not computed anew for all:
 * each change does so for a few others, in turn, so that all lengths are from when
 * the catalog had at least four fifths of its items.
 */
export class ContentIndex {
  readonly #numbers = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #unused: number[] = [];
  #fields = new Uint8Array(1_024);
  /** The features of each item, in ascending order. */
  readonly #features = new Lists();
  /** The items of each feature, in ascending order. */
  readonly #items = new Lists();
  /** What to multiply the idf of a feature with, for each item and field. */
  #scales = new Float32Array(FIELDS * 1_024);
  #capacity = 0;
  #size = 0;
  #next = 0;

  /** How many items have content. */
  get size(): number {
    return this.#size;
  }

  /** All items have numbers below this. */
  get capacity(): number {
    return this.#capacity;
  }

  /** All features have numbers below this. */
  get featureCapacity(): number {
    return this.#keys.length;
  }

  /** How many bytes its arrays take; what the keys take comes on top. */
  get bytes(): number {
    const arrays = this.#features.bytes + this.#items.bytes;
    return arrays + this.#scales.byteLength + this.#fields.byteLength;
  }

  has(item: number): boolean {
    return this.#features.lengthOf(item) > 0;
  }

  /** The features of an item; good until the next change. */
  featuresOf(item: number): Uint32Array {
    return this.#features.of(item);
  }

  /** The items that have a feature; good until the next change. */
  itemsWith(feature: number): Uint32Array {
    return this.#items.of(feature);
  }

  /** How many items have a feature. */
  countOf(feature: number): number {
    return this.#items.lengthOf(feature);
  }

  field(feature: number): number {
    return this.#fields[feature] as number;
  }

  /** What the idf of a feature of this item is to be multiplied with to be its weight. */
  scale(item: number, feature: number): number {
    return this.#scales[FIELDS * item + (this.#fields[feature] as number)] as number;
  }

  /** {@link scale} of all items, for each of the fields; good until the next change. */
  get scales(): Float32Array {
    return this.#scales;
  }

  /** How much a feature says; 0 for a stop word. */
  idf(feature: number): number {
    const items = this.#items.lengthOf(feature);
    const field = this.#fields[feature] as number;
    return isStopWord(field, items, this.#size) ? 0 : Math.log((this.#size + 1) / items);
  }

  /** An item is new, or has another content. */
  upsert(item: number, content: Content): void {
    this.#reserve(item);
    const keys = featuresOf(content, (key) => this.#isStopWord(key));
    const before = this.#features.of(item).slice();
    const after = Uint32Array.from(keys, (key) => this.#numberOf(key)).toSorted();
    if (before.length > 0) this.#size--;
    if (after.length > 0) this.#size++;
    this.#features.set(item, after);
    forEachMissing(after, before, (feature) => this.#items.insert(feature, item));
    forEachMissing(before, after, (feature) => this.#leave(feature, item));
    this.#weigh(item);
    for (let turn = 0; turn < WEIGHED; turn++) {
      this.#next = (this.#next + 1) % this.#capacity;
      this.#weigh(this.#next);
    }
  }

  /** An item has no content any more. */
  remove(item: number): void {
    if (!this.has(item)) return;
    const features = this.#features.of(item).slice();
    this.#features.clear(item);
    this.#size--;
    for (const feature of features) this.#leave(feature, item);
  }

  #leave(feature: number, item: number): void {
    this.#items.delete(feature, item);
    if (this.#items.lengthOf(feature) > 0) return;
    this.#numbers.delete(this.#keys[feature] as string);
    this.#keys[feature] = "";
    this.#unused.push(feature);
  }

  #isStopWord(key: string): boolean {
    const feature = this.#numbers.get(key);
    if (feature === undefined) return false;
    return isStopWord(fieldOf(key), this.#items.lengthOf(feature), this.#size);
  }

  #numberOf(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const feature = this.#unused.pop() ?? this.#keys.length;
    this.#numbers.set(key, feature);
    this.#keys[feature] = key;
    if (feature >= this.#fields.length) {
      const fields = new Uint8Array(2 * feature);
      fields.set(this.#fields);
      this.#fields = fields;
    }
    this.#fields[feature] = fieldOf(key);
    return feature;
  }

  #weigh(item: number): void {
    const features = this.#features.of(item);
    if (features.length === 0) return;
    const counts = new Float64Array(FIELDS);
    const squares = new Float64Array(FIELDS);
    for (const feature of features) {
      const field = this.#fields[feature] as number;
      const idf = this.idf(feature);
      (counts[field] as number)++;
      squares[field] = (squares[field] as number) + idf * idf;
    }
    let square = 0;
    for (const [field, weight] of FIELD_WEIGHTS.entries()) {
      const mean = (squares[field] as number) / Math.max(1, counts[field] as number);
      square += weight ** 2 * mean;
    }
    for (const [field, weight] of FIELD_WEIGHTS.entries()) {
      const length = Math.sqrt(square * Math.max(1, counts[field] as number));
      this.#scales[FIELDS * item + field] = length > 0 ? weight / length : 0;
    }
  }

  #reserve(item: number): void {
    this.#capacity = Math.max(this.#capacity, item + 1);
    if (FIELDS * this.#capacity <= this.#scales.length) return;
    const scales = new Float32Array(FIELDS * Math.ceil(1.5 * this.#capacity));
    scales.set(this.#scales);
    this.#scales = scales;
  }
}

function isStopWord(field: number, items: number, all: number): boolean {
  if (field !== Field.TITLE && field !== Field.DESCRIPTION) return false;
  return items > STOP_WORD.items && items > STOP_WORD.share * all;
}

/** Visits the numbers of an ascending list that are not in another one. */
function forEachMissing(
  list: Uint32Array,
  other: Uint32Array,
  visit: (number: number) => void,
): void {
  let at = 0;
  for (const number of list) {
    while (at < other.length && (other[at] as number) < number) at++;
    if (other[at] !== number) visit(number);
  }
}
