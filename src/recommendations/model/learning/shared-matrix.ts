import { transposed, userCount, type Matrix } from "../matrix.ts";
import type { Arena } from "../kernels/arena.ts";

/** A matrix in a memory that threads share, by users and by items: pointers. */
export interface SharedMatrix {
  readonly users: number;
  readonly items: number;
  readonly byUser: SharedRows;
  readonly byItem: SharedRows;
}

/** Sparse rows: those of row r are the elements from offsets[r] to offsets[r + 1]. */
export interface SharedRows {
  readonly rows: number;
  readonly pairs: number;
  readonly offsets: number;
  readonly columns: number;
  readonly values: number;
}

/** Sparse rows, to be read. */
export interface Rows {
  readonly offsets: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/** Copies a matrix into shared memory, both ways, its strengths multiplied by a factor. */
export function shareMatrix(arena: Arena, matrix: Matrix, factor: number): SharedMatrix {
  return {
    users: userCount(matrix),
    items: matrix.items,
    byUser: shareRows(arena, matrix, factor),
    byItem: shareRows(arena, transposed(matrix), factor),
  };
}

/** The rows behind the pointers. Good until the memory grows. */
export function rowsOf(arena: Arena, shared: SharedRows): Rows {
  return {
    offsets: arena.u32(shared.offsets, shared.rows + 1),
    columns: arena.u32(shared.columns, shared.pairs),
    values: arena.f32(shared.values, shared.pairs),
  };
}

/** Copies sparse rows into shared memory, their values multiplied by a factor. */
export function shareRows(arena: Arena, matrix: Matrix, factor: number): SharedRows {
  const pairs = matrix.columns.length;
  const rows = userCount(matrix);
  const offsets = arena.alloc(rows + 1);
  const columns = arena.alloc(pairs);
  const values = arena.alloc(pairs);
  arena.u32(offsets, rows + 1).set(matrix.offsets);
  arena.u32(columns, pairs).set(matrix.columns);
  const shared = arena.f32(values, pairs);
  for (let at = 0; at < pairs; at++) shared[at] = factor * (matrix.strengths[at] as number);
  return { rows, pairs, offsets, columns, values };
}
