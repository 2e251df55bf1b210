import { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { stateFile } from "./copy.ts";
import { ThreadedSqliteDialect } from "./dialect.ts";
import { migrations } from "./migrations.ts";
import type { StateTables } from "./tables.ts";

/** The state database: what is neither a view nor derived from views. */
export type StateDatabase = Kysely<StateTables>;

export interface StateOptions {
  /** Where state.db is, or will be. */
  readonly directory: string;
  /** Called when the thread of the database ends by itself. */
  readonly onFatal: (error: Error) => void;
}

/** Opens the state database of a directory, and runs the migrations that it lacks. */
export async function openState(options: StateOptions): Promise<StateDatabase> {
  const db = new Kysely<StateTables>({
    dialect: new ThreadedSqliteDialect(stateFile(options.directory), options.onFatal),
  });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    throw error instanceof Error ? error : new Error(String(error));
  }
  return db;
}
