import { join } from "node:path";
import Database from "better-sqlite3";
import { Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { expect, it, onTestFinished } from "vitest";
import { ThreadedSqliteDialect } from "../../src/storage/dialect.ts";
import { migrations } from "../../src/storage/migrations.ts";
import { openState } from "../../src/storage/state.ts";
import { temporaryDirectory } from "../support/directory.ts";

const onFatal = (error: Error): never => {
  throw error;
};

function schemaOf(file: string): unknown[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare("select type, name from sqlite_schema order by name").all();
  } finally {
    db.close();
  }
}

it("should leave nothing of a migration that fails half-way, and migrate later", async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, "state.db");
  const db = new Kysely<unknown>({ dialect: new ThreadedSqliteDialect(file, onFatal) });
  const failing = {
    ...migrations,
    "9999_failing": {
      async up(tx: Kysely<unknown>): Promise<void> {
        await sql`create table half (x integer)`.execute(tx);
        throw new Error("the power is gone");
      },
    },
  };
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => failing },
  }).migrateToLatest();
  expect(String(error)).toContain("the power is gone");
  await db.destroy();
  expect(schemaOf(file)).not.toContainEqual({ type: "table", name: "half" });

  const state = await openState({ directory, onFatal });
  onTestFinished(() => state.destroy());
  await state.selectFrom("item").selectAll().execute();
});

it("should find nothing to do in a database that is up to date", async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, "state.db");
  await (await openState({ directory, onFatal })).destroy();
  const before = schemaOf(file);
  await (await openState({ directory, onFatal })).destroy();
  expect(schemaOf(file)).toEqual(before);
});
