import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * All migrations of the state database, by name: run in the order of their
 * names, each once. Only ever added to.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001_catalog": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("item")
        .addColumn("project", "integer", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("creators", "text", (column) => column.notNull())
        .addColumn("categories", "text", (column) => column.notNull())
        .addColumn("description", "text", (column) => column.notNull())
        .addColumn("properties", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("item_key", ["project", "id"])
        .modifyEnd(sql`strict, without rowid`)
        .execute();
      await db.schema
        .createTable("item_category")
        .addColumn("project", "integer", (column) => column.notNull())
        .addColumn("category", "text", (column) => column.notNull())
        .addColumn("item_id", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("item_category_key", ["project", "category", "item_id"])
        .modifyEnd(sql`strict, without rowid`)
        .execute();
      await db.schema
        .createIndex("item_category_item")
        .on("item_category")
        .columns(["project", "item_id"])
        .execute();
    },
  },
};
