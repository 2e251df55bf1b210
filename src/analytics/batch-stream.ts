import { invalidField, serverStopping } from "../errors.ts";
import { orAborted } from "../wire/abortable.ts";

/** A batch as it came. */
export interface Batch {
  readonly sequence: bigint;
  readonly batch: Uint8Array;
  readonly crc32c: number;
}

/** What is done with a batch. */
export interface BatchWork<A> {
  /** How many views it has. */
  readonly views: number;
  /** What became of it, once that is on disk; undefined if it has to be sent again. */
  readonly answer: Promise<A> | undefined;
}

/** The answer to a batch; without an outcome, it has to be sent again. */
export interface BatchAnswer<A> {
  readonly sequence: bigint;
  readonly outcome: A | undefined;
}

/** How many batches, views and bytes of a stream may wait for their answer before no more is read. */
const MAX_BATCHES = 16;
const MAX_VIEWS_WAITING = 20_000;
const MAX_BYTES_WAITING = 8 * 1_048_576;
/** How many batches may be damaged before one of them is sent again. */
const MAX_DAMAGED = 1_000;

interface Waiting<A> {
  readonly sequence: bigint;
  readonly views: number;
  readonly bytes: number;
  readonly answer: Promise<Settled<A | undefined>>;
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

/**
 * The conversation of one stream of batches. Batches are worked on while those
 * before them are written, and answered in their order. Nobody is read from who
 * does not take the answers, or is further ahead of the disk than the bounds say.
 */
export class BatchStream<A> {
  readonly #work: (bytes: Uint8Array, crc32c: number) => BatchWork<A>;
  readonly #ending: AbortSignal;
  readonly #waiting: Waiting<A>[] = [];
  #views = 0;
  #bytes = 0;
  #last = 0n;
  readonly #damaged = new Set<bigint>();

  /** @param ending aborts when no further batch is to be taken. */
  constructor(work: (bytes: Uint8Array, crc32c: number) => BatchWork<A>, ending: AbortSignal) {
    this.#work = work;
    this.#ending = ending;
  }

  /**
   * The answers to batches. What ends the batches with an error ends the answers
   * with it, after those to the batches before. A batch that could not be
   * written ends them at once.
   */
  async *answers(batches: AsyncIterable<Batch>): AsyncGenerator<BatchAnswer<A>, void, undefined> {
    const iterator = batches[Symbol.asyncIterator]();
    let reading: Promise<Settled<IteratorResult<Batch>>> | undefined;
    let end: Settled<undefined> | undefined;
    try {
      for (;;) {
        const [head] = this.#waiting;
        if (end === undefined && this.#hasRoom()) reading ??= this.#read(iterator);
        // Both are few by the time that one of them is settled: races leave nothing behind.
        const isRead =
          reading !== undefined &&
          (head === undefined ||
            (await Promise.race([reading.then(() => true), head.answer.then(() => false)])));
        if (isRead && reading !== undefined) {
          end = this.#take(await reading);
          reading = undefined;
        } else if (head !== undefined) {
          yield this.#answer(head, await head.answer);
        } else if (end !== undefined && "error" in end) {
          throw end.error;
        } else return;
      }
    } finally {
      // Not waited for: it may be in the middle of waiting for the client.
      iterator.return?.()?.catch(() => {});
    }
  }

  #hasRoom(): boolean {
    return (
      this.#waiting.length < MAX_BATCHES &&
      this.#views < MAX_VIEWS_WAITING &&
      this.#bytes < MAX_BYTES_WAITING
    );
  }

  #read(iterator: AsyncIterator<Batch>): Promise<Settled<IteratorResult<Batch>>> {
    return settled(orAborted(iterator.next(), this.#ending));
  }

  /** Begins the work on what was read. Returns the end, if it is that. */
  #take(read: Settled<IteratorResult<Batch>>): Settled<undefined> | undefined {
    if ("error" in read) {
      const { reason, aborted } = this.#ending;
      if (!aborted || read.error !== reason) return { error: read.error };
      return { error: serverStopping() };
    }
    if (read.value.done === true) return { value: undefined };
    const { sequence, batch, crc32c } = read.value.value;
    const wrong = this.#advance(sequence);
    if (wrong !== undefined) return { error: invalidField("sequence", wrong) };
    const { views, answer = Promise.resolve(undefined) } = this.#mark(
      sequence,
      this.#work(batch, crc32c),
    );
    const bytes = batch.byteLength;
    this.#views += views;
    this.#bytes += bytes;
    this.#waiting.push({ sequence, views, bytes, answer: settled(answer) });
    return undefined;
  }

  /** What is wrong with a sequence, if anything. */
  #advance(sequence: bigint): string | undefined {
    if (this.#damaged.has(sequence)) return undefined;
    if (sequence <= this.#last) {
      return `Must be above ${this.#last}, that of the batch before, not ${sequence}.`;
    }
    if (this.#damaged.size >= MAX_DAMAGED) {
      return `Must be that of one of the ${MAX_DAMAGED} batches that have to be sent again.`;
    }
    this.#last = sequence;
    return undefined;
  }

  #mark(sequence: bigint, work: BatchWork<A>): BatchWork<A> {
    if (work.answer === undefined) this.#damaged.add(sequence);
    else this.#damaged.delete(sequence);
    return work;
  }

  /** @throws what the batch failed with. */
  #answer(head: Waiting<A>, answer: Settled<A | undefined>): BatchAnswer<A> {
    if ("error" in answer) throw answer.error;
    this.#waiting.shift();
    this.#views -= head.views;
    this.#bytes -= head.bytes;
    return { sequence: head.sequence, outcome: answer.value };
  }
}

function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
