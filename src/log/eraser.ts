import { setTimeout } from "node:timers/promises";
import { unavailable } from "../errors.ts";
import { failpoint } from "../failpoint.ts";
import type { Thread } from "../thread.ts";
import type { AppendQueue } from "./append-queue.ts";
import { erasureDigest } from "./erasure-journal.ts";
import type { PendingErasure } from "./erasure-writer.ts";
import type { ErasureReceipt } from "./log.ts";
import { SCANNED } from "./removal-finder.ts";
import { REMOVAL_NUMBERS } from "./removal-writer.ts";
import type { ReaderThread } from "./readers.ts";
import type { WriterApi } from "./writer-thread.ts";

/** How many entries one transaction removes at most: some 10 ms. */
const MAX_REMOVED = 1_000;
/** After how long an erasure that failed is tried again, in milliseconds. */
const RETRY_MS = 2_000;
/** After how long it is seen again whether somebody reads, in milliseconds. */
const READERS_MS = 10;

/** What removes entries from a log uses of it. */
export interface Removing {
  readonly queue: AppendQueue;
  readonly reader: ReaderThread;
  readonly writer: Thread<WriterApi>;
  /** Aborts when the log closes. */
  readonly closing: AbortSignal;
}

interface Running extends PendingErasure {
  /** Fulfilled with how much was removed; made anew after each attempt that failed. */
  attempt: PromiseWithResolvers<{ views: number; feedback: number }>;
}

/**
 * Erases viewers. Their name goes in one transaction, with an ERASE entry; what
 * they did is found by a scan in the reader thread, and removed in small pieces
 * between which views are written. What fails, or is interrupted, goes on until
 * it is done.
 */
export class Eraser {
  readonly #log: Removing;
  readonly #logId: string;
  /** By the number of the viewer. */
  readonly #running = new Map<number, Running>();
  #work: Promise<void> | undefined;

  constructor(log: Removing, logId: string) {
    this.#log = log;
    this.#logId = logId;
  }

  /** Goes on with erasures; fulfilled when they are done, or have failed and will be tried again. */
  async resume(pending: readonly PendingErasure[]): Promise<void> {
    await Promise.allSettled(pending.map((erasure) => this.#start(erasure)));
  }

  /** Erases a viewer. Rejects when that fails, and goes on with it later. */
  async erase(
    project: number,
    viewer: string,
  ): Promise<Pick<ErasureReceipt, "views" | "feedback">> {
    const digest = erasureDigest(this.#logId, project, viewer);
    const [number, position] = await this.#log.queue.append(
      { project, erase: viewer },
      1,
      (receipts) => [receipts.next(), receipts.next()] as const,
    );
    if (number !== 0) return this.#start({ position, viewer: number, digest, removedUpTo: 0 });
    const running = [...this.#running.values()].findLast((one) => one.digest === digest);
    return running?.attempt.promise ?? { views: 0, feedback: 0 };
  }

  /** Waits until nothing is being removed any more: what is left is done at the next start. */
  async close(): Promise<void> {
    await this.#work;
  }

  #start(erasure: PendingErasure): Promise<{ views: number; feedback: number }> {
    const running: Running = { ...erasure, attempt: Promise.withResolvers() };
    this.#running.set(erasure.viewer, running);
    this.#work ??= this.#workAll();
    return running.attempt.promise;
  }

  async #workAll(): Promise<void> {
    while (this.#running.size > 0 && !this.#log.closing.aborted) {
      // All at once: one scan serves them all.
      const batch = [...this.#running.values()];
      try {
        await this.#removeAll(batch);
        for (const erasure of batch) await this.#finish(erasure);
      } catch (cause) {
        const error = unavailable("the erasure goes on later", RETRY_MS, cause);
        for (const erasure of batch) {
          const failed = erasure.attempt;
          erasure.attempt = Promise.withResolvers();
          // Nobody may be waiting for it.
          erasure.attempt.promise.catch(() => {});
          failed.reject(error);
        }
        await setTimeout(RETRY_MS, undefined, { signal: this.#log.closing }).catch(() => {});
      }
    }
    for (const { attempt } of this.#running.values()) {
      attempt.reject(stopping());
    }
    this.#work = undefined;
  }

  async #removeAll(batch: readonly Running[]): Promise<void> {
    const viewers = batch.map(({ viewer }) => viewer);
    const end = Math.max(...batch.map(({ position }) => position));
    let position = Math.min(...batch.map(({ removedUpTo }) => removedUpTo));
    while (position < end) {
      removing(this.#log);
      const upTo = Math.min(end, position + SCANNED);
      const found = await this.#log.reader.call("findOfViewers", position, upTo, viewers);
      await removeAll(this.#log, found, upTo);
      position = upTo;
    }
    while (!(await this.#log.writer.call("emptyWal"))) {
      await setTimeout(READERS_MS, undefined, { signal: this.#log.closing });
    }
  }

  async #finish({ viewer, attempt }: Running): Promise<void> {
    const receipt = await this.#log.queue.append({ erased: viewer }, 0, (receipts) => ({
      views: receipts.next(),
      feedback: receipts.next(),
    }));
    this.#running.delete(viewer);
    attempt.resolve(receipt);
  }
}

/**
 * Removes entries, in the form of log/removal-writer.ts, and tells how many views
 * were among them. `erasedUpTo` as there.
 */
export async function removeAll(
  log: Removing,
  found: Float64Array,
  erasedUpTo: number | undefined,
): Promise<number> {
  const step = MAX_REMOVED * REMOVAL_NUMBERS;
  let views = 0;
  for (let at = 0; at < found.length; at += step) {
    removing(log);
    const entries = found.slice(at, at + step);
    const isLast = at + step >= found.length;
    const upTo = isLast || erasedUpTo === undefined ? erasedUpTo : 0;
    views += await log.queue.append({ remove: { entries, erasedUpTo: upTo } }, 0, (receipts) =>
      receipts.next(),
    );
    failpoint(erasedUpTo === undefined ? "log.trimming" : "log.erasing");
  }
  return views;
}

/**
 * Removing goes on.
 *
 * @throws DomainError "unavailable" when the log closes.
 */
export function removing(log: Removing): void {
  if (log.closing.aborted) throw stopping();
}

function stopping(): Error {
  return unavailable("the server is stopping", RETRY_MS);
}
