import type { Caller } from "../caller.ts";

/** Something that can be viewed and recommended. Bounds are those of catalog.v1.Item. */
export interface CatalogItem {
  readonly id: string;
  readonly title: string;
  readonly creators: readonly string[];
  /** Slugs, strongest first. */
  readonly categories: readonly string[];
  readonly description: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface UpsertCounts {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** What changed in the catalog of a project, once it is on disk. */
export interface CatalogChange {
  readonly project: number;
  /** The items that are new or different. */
  readonly upserted: readonly CatalogItem[];
  /** The ids of the items that are gone. */
  readonly deleted: readonly string[];
}

/** What to search for. Bounds are those of catalog.v1.SearchItemsRequest. */
export interface SearchOptions {
  readonly query: string;
  /** "" for all. */
  readonly category: string;
  /** How many of the best to pass over. */
  readonly offset: number;
  readonly limit: number;
}

/** Keeps the items that can be viewed and recommended. */
export interface Catalog {
  /** Stores all of the items, or none. */
  upsert(caller: Caller, items: readonly CatalogItem[]): Promise<UpsertCounts>;
  /** The item; undefined if there is none. */
  get(caller: Caller, id: string): Promise<CatalogItem | undefined>;
  /** Those of some items that there are, in the order of the ids. */
  getMany(caller: Caller, ids: readonly string[]): Promise<CatalogItem[]>;
  /** Up to `limit` items by id, after the id `after` ("" for the beginning). */
  list(
    caller: Caller,
    options: { category: string; after: string; limit: number },
  ): Promise<CatalogItem[]>;
  /**
   * Up to `limit` items that have all words of the query in their titles,
   * creators, categories and descriptions, best first, then by id. The last
   * word may be only begun. None for a query without words.
   */
  search(caller: Caller, options: SearchOptions): Promise<CatalogItem[]>;
  /** All categories with their number of items, most first, then by name. */
  categories(caller: Caller): Promise<{ name: string; items: number }[]>;
  /** Whether there was such an item to delete. */
  delete(caller: Caller, id: string): Promise<boolean>;
  /**
   * Calls back after each change, in their order; who made the change is answered
   * when the listeners are done with it. Returns what ends that.
   */
  onChange(listener: (change: CatalogChange) => Promise<void>): () => void;
}
