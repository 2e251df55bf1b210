import type { DuckDBConnection } from "@duckdb/node-api";
import type { Database } from "./database.ts";
import { interruptible } from "./interruptible.ts";

/**
 * How many questions are answered at a time. Each keeps a thread of the process's
 * pool for asynchronous work busy, of which there are four, and the projection
 * needs one as well.
 */
const CONCURRENCY = 3;

/** How many may wait for their turn. */
const MAX_WAITING = 1_000;

/** The code of the error of those who find that too many wait. It goes from thread to thread. */
const TOO_MANY = "TOO_MANY_QUESTIONS";

export function isTooMany(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === TOO_MANY;
}

/** A connection to ask questions with. */
export class Reader {
  readonly connection: DuckDBConnection;
  #bits = 0;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Sets up to how many bits of group keys are aggregated in an array. */
  async setPerfectHashBits(bits: number): Promise<void> {
    if (this.#bits === bits) return;
    await this.connection.run(`set perfect_ht_threshold = ${bits}`);
    this.#bits = bits;
  }
}

/** What a question does with the connection it gets. */
export type Work<T> = (reader: Reader) => Promise<T>;

interface Waiter {
  readonly go: (turn: Turn) => void;
  readonly turnAway: (error: unknown) => void;
}

/** Hands connections to questions, a few at a time, and breaks off those that nobody waits for. */
export class ReaderPool {
  readonly #idle: Reader[] = [];
  readonly #turns = new Set<Turn>();
  /** Those who wait for their turn, first come, first served. */
  readonly #waiting = new Set<Waiter>();
  /** Undefined while there is no file to read: questions wait for it. */
  #database: Database | undefined;
  #closed = true;

  /** Questions are answered from this file from now on. */
  open(database: Database): void {
    this.#database = database;
    this.#closed = false;
    this.#next();
  }

  /**
   * Lets go of the file: those who ask wait for the next one. Questions that are
   * being answered may finish for some time, in milliseconds; then they are
   * broken off, and answered from the next file.
   */
  async pause(graceMs: number): Promise<void> {
    this.#database = undefined;
    this.#closed = false;
    const turns = [...this.#turns];
    const timer = setTimeout(() => turns.forEach((turn) => turn.breakOff()), graceMs);
    await Promise.all(turns.map(({ ended }) => ended));
    clearTimeout(timer);
    for (const { connection } of this.#idle.splice(0)) connection.closeSync();
  }

  /** Lets go of the file: those who ask are turned away. */
  async close(): Promise<void> {
    const paused = this.pause(0);
    this.#closed = true;
    for (const waiter of this.#waiting) waiter.turnAway(notOpen());
    await paused;
  }

  /**
   * Does some work with a connection of its own, which shows one moment for as
   * long as it takes. Rejects with the signal's reason as soon as that aborts.
   */
  async use<T>(work: Work<T>, signal: AbortSignal | undefined): Promise<T> {
    for (;;) {
      const turn = await this.#turn(signal);
      const done = this.#work(turn, work);
      const aborted = Promise.withResolvers<never>();
      const abort = (): void => {
        turn.breakOff();
        aborted.reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort);
      if (signal?.aborted === true) abort();
      try {
        return await Promise.race([done, aborted.promise]);
      } catch (error) {
        // What becomes of work that was broken off is nobody's business.
        done.catch(() => {});
        signal?.throwIfAborted();
        if (!turn.signal.aborted) throw error;
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    }
  }

  async #work<T>(turn: Turn, work: Work<T>): Promise<T> {
    let reader = this.#idle.pop();
    let usable = false;
    try {
      reader ??= new Reader(await turn.database.connect());
      const { connection } = reader;
      await connection.run("begin transaction read only");
      try {
        const given = reader;
        return await interruptible(connection, turn.signal, () => work(given));
      } finally {
        await connection.run("rollback");
        usable = true;
      }
    } finally {
      if (usable && reader !== undefined && this.#database === turn.database) {
        this.#idle.push(reader);
      } else reader?.connection.closeSync();
      this.#turns.delete(turn);
      turn.end();
      this.#next();
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<Turn> {
    signal?.throwIfAborted();
    if (this.#closed) throw notOpen();
    if (this.#waiting.size >= MAX_WAITING) {
      throw Object.assign(new Error("too many questions wait for an answer"), { code: TOO_MANY });
    }
    const { promise, resolve, reject } = Promise.withResolvers<Turn>();
    const waiter: Waiter = { go: resolve, turnAway: reject };
    const abort = (): void => {
      // Who has the turn already uses it, and breaks it off.
      if (this.#waiting.delete(waiter)) reject(signal?.reason);
    };
    this.#waiting.add(waiter);
    signal?.addEventListener("abort", abort);
    this.#next();
    try {
      return await promise;
    } finally {
      this.#waiting.delete(waiter);
      signal?.removeEventListener("abort", abort);
    }
  }

  #next(): void {
    for (const waiter of this.#waiting) {
      if (this.#database === undefined || this.#turns.size >= CONCURRENCY) return;
      const turn = new Turn(this.#database);
      this.#turns.add(turn);
      this.#waiting.delete(waiter);
      waiter.go(turn);
    }
  }
}

/** One question that is being answered. */
class Turn {
  readonly database: Database;
  readonly #ended = Promise.withResolvers<void>();
  readonly #breakOff = new AbortController();

  constructor(database: Database) {
    this.database = database;
  }

  /** Aborts when it is broken off. */
  get signal(): AbortSignal {
    return this.#breakOff.signal;
  }

  /** Fulfilled when nothing of it uses the file any more. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  breakOff(): void {
    this.#breakOff.abort();
  }

  end(): void {
    this.#ended.resolve();
  }
}

function notOpen(): Error {
  return new Error("the columns are not open");
}
