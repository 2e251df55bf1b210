import { sql } from "kysely";
import type { Caller } from "../caller.ts";
import type { StateDatabase } from "../storage/state.ts";
import type {
  Catalog,
  CatalogChange,
  CatalogItem,
  SearchOptions,
  UpsertCounts,
} from "./catalog.ts";
import { itemColumns, itemOf, rowOf, sameRow, type ItemRow } from "./item-row.ts";
import { searchItems } from "./search.ts";

/** The catalog in the state database. */
export class SqliteCatalog implements Catalog {
  readonly #db: StateDatabase;
  readonly #listeners = new Set<(change: CatalogChange) => Promise<void>>();

  constructor(db: StateDatabase) {
    this.#db = db;
  }

  async upsert({ project }: Caller, items: readonly CatalogItem[]): Promise<UpsertCounts> {
    const rows = items.map(rowOf);
    const { changed, created } = await this.#db.transaction().execute(async (tx) => {
      // Lists of rows are passed as one JSON text each: statements stay the
      // same, however many there are.
      const standing = await sql<ItemRow>`
        select id, title, creators, categories, description, properties
        from item
        where project = ${project} and id in (select value from json_each(${ids(rows)}))
      `.execute(tx);
      const before = new Map(standing.rows.map((row) => [row.id, row]));
      const differing = rows.filter((row) => !sameRow(row, before.get(row.id)));
      if (differing.length > 0) {
        const json = JSON.stringify(differing);
        await sql`
          insert into item (project, id, title, creators, categories, description, properties)
          select ${project}, value ->> 'id', value ->> 'title', value ->> 'creators',
                 value ->> 'categories', value ->> 'description', value ->> 'properties'
          from json_each(${json}) where true
          on conflict (project, id) do update set
            title = excluded.title, creators = excluded.creators,
            categories = excluded.categories, description = excluded.description,
            properties = excluded.properties
        `.execute(tx);
        await sql`
          delete from item_category
          where project = ${project} and item_id in (select value from json_each(${ids(differing)}))
        `.execute(tx);
        await sql`
          insert into item_category (project, category, item_id)
          select ${project}, category.value, item.value ->> 'id'
          from json_each(${json}) as item, json_each(item.value ->> 'categories') as category
        `.execute(tx);
      }
      return {
        changed: new Set(differing.map((row) => row.id)),
        created: differing.filter((row) => !before.has(row.id)).length,
      };
    });
    await this.#announce({
      project,
      upserted: items.filter((item) => changed.has(item.id)),
      deleted: [],
    });
    return {
      created,
      updated: changed.size - created,
      unchanged: items.length - changed.size,
    };
  }

  async get({ project }: Caller, id: string): Promise<CatalogItem | undefined> {
    const row = await this.#db
      .selectFrom("item")
      .select(itemColumns)
      .where("project", "=", project)
      .where("id", "=", id)
      .executeTakeFirst();
    return row === undefined ? undefined : itemOf(row);
  }

  async getMany({ project }: Caller, wanted: readonly string[]): Promise<CatalogItem[]> {
    const { rows } = await sql<ItemRow>`
      select id, title, creators, categories, description, properties
      from item
      where project = ${project} and id in (select value from json_each(${JSON.stringify(wanted)}))
    `.execute(this.#db);
    const found = new Map(rows.map((row) => [row.id, itemOf(row)]));
    return wanted.flatMap((id) => found.get(id) ?? []);
  }

  async list(
    { project }: Caller,
    options: { category: string; after: string; limit: number },
  ): Promise<CatalogItem[]> {
    let query = this.#db
      .selectFrom("item")
      .select(itemColumns)
      .where("project", "=", project)
      .where("id", ">", options.after)
      .orderBy("id")
      .limit(options.limit);
    if (options.category !== "") {
      query = query.where("id", "in", (subquery) =>
        subquery
          .selectFrom("item_category")
          .select("item_id")
          .where("project", "=", project)
          .where("category", "=", options.category),
      );
    }
    return (await query.execute()).map(itemOf);
  }

  search({ project }: Caller, options: SearchOptions): Promise<CatalogItem[]> {
    return searchItems(this.#db, project, options);
  }

  async categories({ project }: Caller): Promise<{ name: string; items: number }[]> {
    return await this.#db
      .selectFrom("item_category")
      .select(["category as name", (build) => build.fn.countAll<number>().as("items")])
      .where("project", "=", project)
      .groupBy("category")
      .orderBy("items", "desc")
      .orderBy("name")
      .execute();
  }

  async delete({ project }: Caller, id: string): Promise<boolean> {
    const deleted = await this.#db.transaction().execute(async (tx) => {
      await tx
        .deleteFrom("item_category")
        .where("project", "=", project)
        .where("item_id", "=", id)
        .execute();
      const { numDeletedRows } = await tx
        .deleteFrom("item")
        .where("project", "=", project)
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    });
    if (deleted) await this.#announce({ project, upserted: [], deleted: [id] });
    return deleted;
  }

  onChange(listener: (change: CatalogChange) => Promise<void>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #announce(change: CatalogChange): Promise<void> {
    if (change.upserted.length === 0 && change.deleted.length === 0) return;
    await Promise.all([...this.#listeners].map((listener) => listener(change)));
  }
}

function ids(rows: readonly ItemRow[]): string {
  return JSON.stringify(rows.map((row) => row.id));
}
