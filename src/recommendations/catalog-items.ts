import type { Caller } from "../caller.ts";
import type { Catalog, CatalogChange, CatalogItem } from "../catalog/catalog.ts";
import type { ContentRanking } from "./content/content-ranking.ts";
import type { Items } from "./items.ts";

/** How many items are read at once: each page holds the event loop up for 2 to 8 ms. */
const PAGE = 250;

/** Keeps items, and their content, as the catalog of their project has them. */
export class CatalogItems {
  readonly #items: Items;
  readonly #content: ContentRanking;
  readonly #project: number;
  /** Ids that changed while the catalog was read: what is read of them may be older. */
  #changed: Set<string> | undefined = new Set();

  constructor(items: Items, content: ContentRanking, project: number) {
    this.#items = items;
    this.#content = content;
    this.#project = project;
  }

  /** Takes over a change. */
  apply(change: CatalogChange): void {
    if (change.project !== this.#project) return;
    for (const item of change.upserted) {
      this.#changed?.add(item.id);
      this.#upsert(item);
    }
    for (const id of change.deleted) {
      this.#changed?.add(id);
      this.#items.remove(id);
      this.#content.remove(this.#items.indexOf(id) ?? -1);
    }
  }

  /** Reads the whole catalog, once; changes meanwhile must be applied. */
  async load(catalog: Catalog, caller: Caller): Promise<void> {
    let after = "";
    for (;;) {
      const page = await catalog.list(caller, { category: "", after, limit: PAGE });
      for (const item of page) if (this.#changed?.has(item.id) !== true) this.#upsert(item);
      const last = page.at(-1);
      if (last === undefined || caller.signal.aborted) break;
      after = last.id;
    }
    this.#changed = undefined;
  }

  #upsert(item: CatalogItem): void {
    this.#content.upsert(this.#items.upsert(item), item);
  }
}
