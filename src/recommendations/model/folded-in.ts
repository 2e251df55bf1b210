import type { Arena } from "./kernels/arena.ts";
import type { ModelParts } from "./model-file.ts";
import { MAX_LIKES, type WeightedVideo } from "./model.ts";

/**
 * How much a dislike counts of what a like of the same weight does: enough to
 * lower what is similar, and little, because people read more of what they are
 * interested in even if they did not like it. On ratings of books of 1 and 2, 0.1
 * takes 0.003 away from NDCG@100, and 0.25 twice that.
 */
const DISLIKE = 0.1;

/** The likes that are folded into a model: those of which it knows the videos, by rows. */
export class FoldedIn {
  readonly #scales: ModelParts["scales"];
  /** The pointer of the columns, 32-bit, and they themselves. */
  readonly columnsAt: number;
  readonly columns: Uint32Array;
  /** How much each row counts, above 0. */
  readonly confidences = new Float64Array(MAX_LIKES);
  /** What each should come to: 1 for a like, -1 for a dislike. */
  readonly targets = new Float64Array(MAX_LIKES);
  /** Where in the likes each is from. */
  readonly origins = new Uint32Array(MAX_LIKES);
  #count = 0;
  #given = 0;

  /** @param columnsAt The pointer of {@link MAX_LIKES} elements. */
  constructor(arena: Arena, columnsAt: number, scales: ModelParts["scales"]) {
    this.#scales = scales;
    this.columnsAt = columnsAt;
    this.columns = arena.u32(columnsAt, MAX_LIKES);
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** How many likes there are, also of videos that are not known. */
  get given(): number {
    return this.#given;
  }

  /** Takes over others. */
  take(likes: readonly WeightedVideo[], columnOf: (video: number) => number): void {
    this.#count = 0;
    this.#given = likes.length;
    for (const [index, { video, weight }] of likes.entries()) {
      if (this.#count === MAX_LIKES) break;
      const column = columnOf(video);
      if (column < 0 || weight === 0) continue;
      const p = this.#count++;
      this.columns[p] = column;
      this.confidences[p] = this.#scales.unit * (weight > 0 ? weight : -DISLIKE * weight);
      this.targets[p] = weight > 0 ? 1 : -1;
      this.origins[p] = index;
    }
  }

  /** What the weights of a row are multiplied with in the sparse part of scores. */
  factorOf(row: number): number {
    const confidence = this.confidences[row] as number;
    return this.#scales.sparse * confidence * (this.targets[row] as number);
  }
}
