import { setImmediate } from "node:timers/promises";
import type { Caller } from "../caller.ts";
import type { Catalog, CatalogChange, CatalogItem } from "../catalog/catalog.ts";
import type { ContentRanking } from "./content/content-ranking.ts";
import type { Items } from "./items.ts";

/** How many items are read at once: each page holds the event loop up for 2 to 8 ms. */
const PAGE = 250;

/** How many changed items are taken over in one go: 2 to 6 ms. */
const SLICE = 100;

/** Keeps items, and their content, as the catalog of their project has them. */
export class CatalogItems {
  readonly #items: Items;
  readonly #content: ContentRanking;
  readonly #project: number;
  /** Ids that changed while the catalog was read: what is read of them may be older. */
  #changed: Set<string> | undefined = new Set();

  /** The change that was taken over last. */
  #applied: Promise<void> = Promise.resolve();

  constructor(items: Items, content: ContentRanking, project: number) {
    this.#items = items;
    this.#content = content;
    this.#project = project;
  }

  /**
   * Takes over a change, after those before it; of many items some at a time, so
   * that others have their turn between them. Fulfilled when it is done.
   */
  apply(change: CatalogChange): Promise<void> {
    if (change.project !== this.#project) return Promise.resolve();
    for (const { id } of change.upserted) this.#changed?.add(id);
    for (const id of change.deleted) this.#changed?.add(id);
    this.#applied = this.#applied.then(() => this.#apply(change));
    return this.#applied;
  }

  async #apply({ upserted, deleted }: CatalogChange): Promise<void> {
    for (const [index, item] of upserted.entries()) {
      if (index > 0 && index % SLICE === 0) await setImmediate();
      this.#upsert(item);
    }
    for (const id of deleted) {
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
