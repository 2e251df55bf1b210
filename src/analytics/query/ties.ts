import type { Row } from "../columns/columns.ts";
import type { ViewQuery } from "../columns/view-query.ts";
import { metricsOf } from "./metrics.ts";

/**
 * Whether the order of some rows depends on that of their videos: whether any
 * two in a row differ in nothing that decides before it.
 *
 * @param place which of the dimensions the video is.
 */
export function videosDecide(rows: readonly Row[], query: ViewQuery, place: number): boolean {
  let before: readonly unknown[] | undefined;
  for (const row of rows) {
    const decisive = decisiveFigures(row, query, place);
    if (before !== undefined && decisive.every((figure, index) => figure === before?.[index])) {
      return true;
    }
    before = decisive;
  }
  return false;
}

function decisiveFigures(row: Row, { order }: ViewQuery, place: number): unknown[] {
  const figures: unknown[] = [];
  for (const key of order) {
    if ("metric" in key) figures.push(metricsOf(row, [key.metric])[key.metric]);
    else if ("dimension" in key) figures.push(row[`value_${key.dimension}`]);
  }
  figures.push(row["bucket"]);
  for (let value = 0; value < place; value++) figures.push(row[`value_${value}`]);
  return figures;
}
