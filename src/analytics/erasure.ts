import type { Caller } from "../caller.ts";
import type { ErasureReceipt, Log } from "../log/log.ts";

/**
 * Waits until something that follows the log has it up to a position. Rejects
 * with the signal's reason when that aborts first.
 */
export type Settled = (position: number, signal: AbortSignal) => Promise<void>;

/** Erases viewers, here and wherever the log is followed. */
export class Erasure {
  readonly #log: Log;
  readonly #settled: readonly Settled[];

  /** @param settled of all that answers from what it has made of the log. */
  constructor(log: Log, settled: readonly Settled[]) {
    this.#log = log;
    this.#settled = settled;
  }

  /**
   * Erases a viewer; when this is fulfilled, nobody knows them any more. It goes
   * on when the caller is gone. Done again it erases nothing more, and waits
   * for the same.
   */
  async erase(caller: Caller, viewer: string): Promise<ErasureReceipt> {
    const erased = await this.#log.eraseViewer(caller, viewer);
    await Promise.all(this.#settled.map((settled) => settled(erased.position, caller.signal)));
    return erased;
  }
}
