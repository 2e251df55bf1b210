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
  "0002_profiles": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("profile")
        .addColumn("project", "integer", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("first_name", "text", (column) => column.notNull())
        .addColumn("last_name", "text", (column) => column.notNull())
        .addColumn("email", "text", (column) => column.notNull())
        .addColumn("email_key", "text", (column) => column.notNull())
        .addColumn("image_url", "text", (column) => column.notNull())
        .addColumn("create_time", "integer", (column) => column.notNull())
        .addColumn("update_time", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("profile_key", ["project", "id"])
        .modifyEnd(sql`strict, without rowid`)
        .execute();
      await db.schema
        .createIndex("profile_email")
        .unique()
        .on("profile")
        .columns(["project", "email_key"])
        .execute();
    },
  },
  "0003_catalog_search": {
    async up(db: Kysely<unknown>): Promise<void> {
      // What the index calls an item by.
      await db.schema
        .createTable("item_number")
        .addColumn("number", "integer", (column) => column.primaryKey())
        .addColumn("project", "integer", (column) => column.notNull())
        .addColumn("item_id", "text", (column) => column.notNull())
        .addUniqueConstraint("item_number_key", ["project", "item_id"])
        .modifyEnd(sql`strict`)
        .execute();
      // What is indexed of an item: words(), which is ours, folds case and
      // accents. The index itself keeps no text, nor can it
      // have this view for its content: it does not read views of other modules.
      await sql`
        create view item_text as
        select number, item.project, item.id,
          words(title) as title,
          words((select group_concat(value, ' ') from json_each(creators))) as creators,
          words((select group_concat(value, ' ') from json_each(categories))) as categories,
          words(description) as description
        from item_number
        join item on item.project = item_number.project and item.id = item_number.item_id
      `.execute(db);
      await sql`
        create virtual table item_search using fts5 (
          title, creators, categories, description,
          content = '', prefix = '1 2',
          tokenize = "unicode61 remove_diacritics 2 categories 'L* N*'"
        )
      `.execute(db);
      await sql`insert into item_number (project, item_id) select project, id from item`.execute(
        db,
      );
      await sql`
        insert into item_search (rowid, title, creators, categories, description)
        select number, title, creators, categories, description from item_text
      `.execute(db);
      await sql`
        create trigger item_search_insert after insert on item begin
          insert into item_number (project, item_id) values (new.project, new.id);
          insert into item_search (rowid, title, creators, categories, description)
          select number, title, creators, categories, description
          from item_text where project = new.project and id = new.id;
        end
      `.execute(db);
      // The index forgets a text if it is told that text, so it has to be told
      // before the text changes.
      const differs = sql.raw(`
        (new.title, new.creators, new.categories, new.description)
        is not (old.title, old.creators, old.categories, old.description)
      `);
      await sql`
        create trigger item_search_unindex before update on item
        when ${differs} begin
          insert into item_search (item_search, rowid, title, creators, categories, description)
          select 'delete', number, title, creators, categories, description
          from item_text where project = old.project and id = old.id;
        end
      `.execute(db);
      await sql`
        create trigger item_search_reindex after update on item
        when ${differs} begin
          insert into item_search (rowid, title, creators, categories, description)
          select number, title, creators, categories, description
          from item_text where project = new.project and id = new.id;
        end
      `.execute(db);
      await sql`
        create trigger item_search_delete before delete on item begin
          insert into item_search (item_search, rowid, title, creators, categories, description)
          select 'delete', number, title, creators, categories, description
          from item_text where project = old.project and id = old.id;
          delete from item_number where project = old.project and item_id = old.id;
        end
      `.execute(db);
    },
  },
  "0004_outcomes": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("recommendation_key")
        .addColumn("key", "text", (column) => column.notNull())
        .modifyEnd(sql`strict`)
        .execute();
      await db.schema
        .createTable("outcome")
        .addColumn("project", "integer", (column) => column.notNull())
        .addColumn("hour", "integer", (column) => column.notNull())
        .addColumn("recommendation", "text", (column) => column.notNull())
        .addColumn("item", "text", (column) => column.notNull())
        .addColumn("clicked", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("outcome_key", ["project", "hour", "recommendation", "item"])
        .modifyEnd(sql`strict, without rowid`)
        .execute();
      await db.schema
        .createTable("outcome_count")
        .addColumn("project", "integer", (column) => column.notNull())
        .addColumn("hour", "integer", (column) => column.notNull())
        .addColumn("variant", "text", (column) => column.notNull())
        .addColumn("trained_time", "integer", (column) => column.notNull())
        .addColumn("recommendations", "integer", (column) => column.notNull())
        .addColumn("clicked_recommendations", "integer", (column) => column.notNull())
        .addColumn("impressions", "integer", (column) => column.notNull())
        .addColumn("clicks", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("outcome_count_key", [
          "project",
          "hour",
          "variant",
          "trained_time",
        ])
        .modifyEnd(sql`strict, without rowid`)
        .execute();
    },
  },
};
