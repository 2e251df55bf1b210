/** The tables of the state database, as the last migration leaves them. */
export interface StateTables {
  item: ItemTable;
  item_category: ItemCategoryTable;
  item_number: ItemNumberTable;
  profile: ProfileTable;
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

/** What the full-text index calls items by; triggers keep it. */
interface ItemNumberTable {
  number: number;
  project: number;
  item_id: string;
}

/** The categories of items once more, to find items by. */
interface ItemCategoryTable {
  project: number;
  category: string;
  item_id: string;
}

export interface ProfileTable {
  project: number;
  id: string;
  first_name: string;
  last_name: string;
  email: string;
  /** The email as all its spellings have it: unique. */
  email_key: string;
  /** "" for none. */
  image_url: string;
  /** In milliseconds since 1970. */
  create_time: number;
  /** In milliseconds since 1970. */
  update_time: number;
}
