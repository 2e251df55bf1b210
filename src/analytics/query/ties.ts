import type { Row } from "../columns/columns.ts";
import type { ViewQuery } from "../columns/view-query.ts";
import { decisiveFigure } from "./metrics.ts";

/** Rows of a page that are next to each other, and whose order only that of their videos decides. */
export interface Tie {
  readonly from: number;
  /** Behind the last of them. */
  readonly to: number;
}

/**
 * The ties among some rows: of two or more in a row that differ in nothing that
 * decides before their videos.
 *
 * @param place which of the dimensions the video is.
 */
export function tiesOf(rows: readonly Row[], query: ViewQuery, place: number): Tie[] {
  const ties: Tie[] = [];
  let from = 0;
  let before: readonly unknown[] = [];
  for (const [index, row] of rows.entries()) {
    const decisive = decisiveFigures(row, query, place);
    if (decisive.every((figure, at) => figure === before[at])) continue;
    if (index - from > 1) ties.push({ from, to: index });
    from = index;
    before = decisive;
  }
  if (rows.length - from > 1) ties.push({ from, to: rows.length });
  return ties;
}

/** Whether a tie may go on beyond the rows of a page that was asked for. */
export function isOpen({ from, to }: Tie, rows: readonly Row[], query: ViewQuery): boolean {
  return (from === 0 && query.offset > 0) || (to === rows.length && to === query.limit);
}

/** The rows, with those of ties by the names of their videos, and then by the values behind. */
export function untied(
  rows: readonly Row[],
  ties: readonly Tie[],
  names: ReadonlyMap<number, string>,
  place: number,
): Row[] {
  const ordered = [...rows];
  const textsOf = (row: Row): Buffer[] => {
    const behind = Object.keys(row).filter((key) => Number(/^value_(\d+)$/.exec(key)?.[1]) > place);
    const name = names.get(Number(row[`value_${place}`])) ?? "";
    // As the columns order texts: by their bytes.
    return [name, ...behind.map((key) => String(row[key]))].map((text) => Buffer.from(text));
  };
  for (const { from, to } of ties) {
    const tied = rows.slice(from, to).map((row) => ({ row, texts: textsOf(row) }));
    tied.sort((a, b) => compareTexts(a.texts, b.texts));
    for (const [index, { row }] of tied.entries()) ordered[from + index] = row;
  }
  return ordered;
}

function compareTexts(a: readonly Buffer[], b: readonly Buffer[]): number {
  for (const [index, text] of a.entries()) {
    const order = Buffer.compare(text, b[index] ?? Buffer.alloc(0));
    if (order !== 0) return order;
  }
  return 0;
}

function decisiveFigures(row: Row, { order }: ViewQuery, place: number): unknown[] {
  const figures: unknown[] = [];
  for (const key of order) {
    if ("metric" in key) figures.push(decisiveFigure(row, key.metric));
    else if ("dimension" in key) figures.push(row[`value_${key.dimension}`]);
  }
  figures.push(row["bucket"]);
  for (let value = 0; value < place; value++) figures.push(row[`value_${value}`]);
  return figures;
}
