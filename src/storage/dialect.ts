import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type {
  CompiledQuery,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  QueryResult,
} from "kysely";
import { unavailable } from "../errors.ts";
import { Thread } from "../thread.ts";
import type { StateApi, StateThreadData } from "./state-thread.ts";

/**
 * Kysely's SQLite dialect, with the database in a thread of its own. The
 * dialect that comes with Kysely waits for the disk in the thread that serves
 * requests.
 */
export class ThreadedSqliteDialect implements Dialect {
  readonly #file: string;
  readonly #onDeath: (error: Error) => void;

  constructor(file: string, onDeath: (error: Error) => void) {
    this.#file = file;
    this.#onDeath = onDeath;
  }

  createDriver(): Driver {
    return new ThreadedDriver(this.#file, this.#onDeath);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** Kysely has SQLite migrate outside of a transaction, which could leave a half of one behind. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** One connection, which is lent to one transaction or query at a time. */
class ThreadedDriver implements Driver {
  readonly #file: string;
  readonly #onDeath: (error: Error) => void;
  #thread: Thread<StateApi> | undefined;
  #connection: ThreadedConnection | undefined;
  #lent: Promise<void> = Promise.resolve();
  #giveBack: (() => void) | undefined;

  constructor(file: string, onDeath: (error: Error) => void) {
    this.#file = file;
    this.#onDeath = onDeath;
  }

  async init(): Promise<void> {
    this.#thread = new Thread<StateApi>(new URL("./state-thread.ts", import.meta.url), {
      name: "state",
      data: { file: this.#file } satisfies StateThreadData,
      onDeath: this.#onDeath,
    });
    this.#connection = new ThreadedConnection(this.#thread);
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#lent;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lent = promise;
    await before;
    this.#giveBack = resolve;
    return this.#connection as ThreadedConnection;
  }

  async releaseConnection(): Promise<void> {
    this.#giveBack?.();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as ThreadedConnection).run("begin immediate");
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as ThreadedConnection).run("commit");
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as ThreadedConnection).rollback();
  }

  async destroy(): Promise<void> {
    await this.#thread?.call("close");
    await this.#thread?.close();
  }
}

/** Failures of the disk, rather than of a statement: they pass. */
const PASSING = /^SQLITE_(?:FULL|IOERR|CANTOPEN|READONLY|NOMEM|BUSY)/;

function presentFailure(error: Error & { readonly code?: string }): never {
  if (!PASSING.test(error.code ?? "")) throw error;
  throw unavailable("the state database could not be read or written", 1_000, error);
}

class ThreadedConnection implements DatabaseConnection {
  readonly #thread: Thread<StateApi>;

  constructor(thread: Thread<StateApi>) {
    this.#thread = thread;
  }

  async run(statement: string): Promise<void> {
    await this.#thread.call("run", statement, []).catch(presentFailure);
  }

  async rollback(): Promise<void> {
    await this.#thread.call("rollback");
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { sql, parameters } = query;
    const result = await this.#thread.call("run", sql, parameters).catch(presentFailure);
    return {
      rows: result.rows as R[],
      numAffectedRows: BigInt(result.changes),
      insertId: BigInt(result.lastInsertRowid),
    };
  }

  // oxlint-disable-next-line require-yield -- the interface wants a generator
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("rows are not streamed from the state database: page through them");
  }
}
