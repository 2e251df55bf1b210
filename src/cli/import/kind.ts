import type { MarqueeClient } from "../../client/index.ts";
import type { Row } from "./csv.ts";

/** What an import makes of a row: a message, or the reason why it cannot. */
export type Parsed<T> = Entry<T> | string;

/** A row that is ready to be sent. */
export interface Entry<T> {
  readonly row: Row;
  readonly message: T;
  /**
   * Entries of the same key are sent in the order of the file, and arrive so;
   * "" if order does not matter.
   */
  readonly key: string;
}

/** What one kind of import does differently from the others. */
export interface ImportKind<T> {
  /** What becomes of a row that goes in, such as "created", for the totals. */
  readonly outcomes: readonly string[];
  /** The field of the request that holds the entries; "" where a request is one entry. */
  readonly list: string;
  /** How many entries a request has at most. */
  readonly batchSize: number;
  /** How many requests are under way at most. */
  readonly inFlight: number;
  /**
   * Whether no key may be twice in a request: of entries of the same key, it has
   * the last. How many others there were is one more outcome, after those of `send`.
   */
  readonly distinct: boolean;
  /** A call that costs little, to see whether the server is there. */
  probe(client: MarqueeClient): Promise<unknown>;
  /**
   * What turns rows of such a file into entries.
   *
   * @throws Failure if a column is missing.
   */
  reader(file: string, header: readonly string[]): (row: Row) => Parsed<T>;
  /**
   * Sends entries; answers with how many had each of the outcomes.
   *
   * @param refuse to be told of each entry that the server refused while it took the others.
   */
  send(
    client: MarqueeClient,
    messages: T[],
    signal: AbortSignal,
    refuse: (index: number, reason: string) => void,
  ): Promise<readonly number[]>;
}
