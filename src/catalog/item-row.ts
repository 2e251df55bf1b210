import type { ItemTable } from "../storage/tables.ts";
import type { CatalogItem } from "./catalog.ts";

/** An item as the state database has it. */
export type ItemRow = Omit<ItemTable, "project">;

/** The columns of an {@link ItemRow}. */
export const itemColumns = [
  "id",
  "title",
  "creators",
  "categories",
  "description",
  "properties",
] as const;

/** The row of an item; equal items have equal rows. */
export function rowOf(item: CatalogItem): ItemRow {
  // In order, so that the same properties are the same text.
  const properties = Object.entries(item.properties).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    id: item.id,
    title: item.title,
    creators: JSON.stringify(item.creators),
    categories: JSON.stringify(item.categories),
    description: item.description,
    properties: JSON.stringify(Object.fromEntries(properties)),
  };
}

/** Whether two rows are of equal items. */
export function sameRow(row: ItemRow, other: ItemRow | undefined): boolean {
  return other !== undefined && itemColumns.every((column) => row[column] === other[column]);
}

/** The item of a row. */
export function itemOf(row: ItemRow): CatalogItem {
  return {
    id: row.id,
    title: row.title,
    creators: JSON.parse(row.creators) as string[],
    categories: JSON.parse(row.categories) as string[],
    description: row.description,
    properties: JSON.parse(row.properties) as Record<string, string>,
  };
}
