import { Code, ConnectError, type CallOptions, type HandlerContext } from "@connectrpc/connect";
import type { MarqueeClient } from "../client/client.ts";
import { passOn } from "../client/pass-on.ts";
import { TimeBudget } from "./time-budget.ts";

/** The services that a page is gathered from. */
export type Sources = Pick<MarqueeClient, "recommendations" | "catalog" | "analytics">;

/** How long a page may take, whatever its caller would wait, in milliseconds. */
const MOST_MS = 2_000;

/** What a service said; undefined if it said nothing that helps, in its time. */
export type Answer<T> = T | undefined;

/** A call of a service. */
export type Call<T> = (options: CallOptions) => Promise<T>;

/** Asks the services behind a page on behalf of its caller, each for as long as it may take. */
export class Asker {
  readonly #options: CallOptions;
  readonly #signal: AbortSignal;
  readonly #budget: TimeBudget;
  readonly #onFailure: (error: ConnectError) => void;

  /** @param onFailure told of each call that failed, but for those that the caller gave up. */
  constructor(context: HandlerContext, onFailure: (error: ConnectError) => void) {
    this.#options = passOn(context);
    this.#signal = context.signal;
    this.#budget = new TimeBudget(Math.min(MOST_MS, context.timeoutMs() ?? MOST_MS));
    this.#onFailure = onFailure;
  }

  /**
   * Asks one service, which may take a part of the time that is left.
   *
   * @param missing what NOT_FOUND stands for.
   * @throws the signal's reason when the caller is gone.
   */
  async ask<T>(part: number, call: Call<T>, missing?: T): Promise<Answer<T>> {
    try {
      return await call({ ...this.#options, timeoutMs: this.#budget.share(part) });
    } catch (error) {
      this.#signal.throwIfAborted();
      const failure = ConnectError.from(error);
      if (failure.code === Code.NotFound && missing !== undefined) return missing;
      this.#onFailure(failure);
      return undefined;
    }
  }
}
