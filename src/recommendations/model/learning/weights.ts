import type { Arena } from "../kernels/arena.ts";
import { NONE, type Neighbours } from "./neighbours.ts";
import type { SharedRows } from "./shared-matrix.ts";

/** Item-to-item weights by the item that speaks for others. */
export interface Weights extends SharedRows {
  /** How similar the two items of each weight are: a pointer. */
  readonly similarities: number;
}

/**
 * Turns weights by the item that is explained into rows by the item that
 * explains, which is what folding a viewer in adds up; those of 0 are left out.
 * @param weights For each item as many as `count`, in the order of its neighbours.
 * @param to Where the rows are put. Default: beside the weights.
 */
export function bySource(
  arena: Arena,
  items: number,
  nearest: Neighbours,
  weights: number,
  count: number,
  to: Arena = arena,
): Weights {
  const ids = arena.u32(nearest.ids, items * nearest.limit);
  const values = arena.f32(weights, items * count);
  const each = (visit: (target: number, source: number, k: number, near: number) => void): void => {
    for (let target = 0; target < items; target++) {
      for (let k = 0; k < count; k++) {
        const near = target * nearest.limit + k;
        const source = ids[near] as number;
        if (source === NONE) break;
        if (values[target * count + k] !== 0) visit(target, source, target * count + k, near);
      }
    }
  };
  const lengths = new Uint32Array(items + 1);
  each((_, source) => {
    lengths[source + 1] = (lengths[source + 1] as number) + 1;
  });
  for (let item = 0; item < items; item++) {
    lengths[item + 1] = (lengths[item + 1] as number) + (lengths[item] as number);
  }
  const pairs = lengths[items] as number;
  const rows: Weights = {
    rows: items,
    pairs,
    offsets: to.alloc(items + 1),
    columns: to.alloc(pairs),
    values: to.alloc(pairs),
    similarities: to.alloc(pairs),
  };
  to.u32(rows.offsets, items + 1).set(lengths);
  const columns = to.u32(rows.columns, pairs);
  const outValues = to.f32(rows.values, pairs);
  const similarities = to.f32(rows.similarities, pairs);
  const sourceValues = arena.f32(weights, items * count);
  const sourceSimilarities = arena.f32(nearest.similarities, items * nearest.limit);
  each((target, source, k, near) => {
    const place = lengths[source] as number;
    lengths[source] = place + 1;
    columns[place] = target;
    outValues[place] = sourceValues[k] as number;
    similarities[place] = sourceSimilarities[near] as number;
  });
  return rows;
}

/** Copies weights from one memory to another. */
export function copyWeights(from: Arena, weights: Weights, to: Arena): Weights {
  const { rows, pairs } = weights;
  const copy = (pointer: number, elements: number): number => {
    const at = to.alloc(elements);
    to.u32(at, elements).set(from.u32(pointer, elements));
    return at;
  };
  return {
    ...{ rows, pairs },
    offsets: copy(weights.offsets, rows + 1),
    columns: copy(weights.columns, pairs),
    values: copy(weights.values, pairs),
    similarities: copy(weights.similarities, pairs),
  };
}
