/** The tables of the state database, as the last migration leaves them. */
export interface StateTables {
  item: ItemTable;
  item_category: ItemCategoryTable;
}

export interface ItemTable {
  project: number;
  id: string;
  title: string;
  /** A JSON array of strings. */
  creators: string;
  /** A JSON array of strings, strongest first. */
  categories: string;
  description: string;
  /** A JSON object of strings, its names in order. */
  properties: string;
}

/** The categories of items once more, to find items by. */
interface ItemCategoryTable {
  project: number;
  category: string;
  item_id: string;
}
