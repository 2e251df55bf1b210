import type { MessageInitShape } from "@bufbuild/protobuf";
import { OutcomeKind, type OutcomeSchema } from "../../../gen/recommendations/v1/outcome_pb.js";

type Outcome = MessageInitShape<typeof OutcomeSchema>;

/** How long outcomes are collected before they are sent. */
const COLLECT_MS = 400;
/** More than this many are not sent at once; the contract has room for 1,000. */
const MOST = 500;

/**
 * Tells the server what became of what it recommended: what came into view, and
 * what was clicked. Each is told once. One that cannot be told is left: nobody
 * waits for it.
 */
export class OutcomeReport {
  readonly #send: (outcomes: Outcome[]) => Promise<unknown>;
  readonly #told = new Set<string>();
  #waiting: Outcome[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (outcomes: Outcome[]) => Promise<unknown>) {
    this.#send = send;
  }

  /** An item of a recommendation came into view. */
  seen(recommendationId: string, itemId: string): void {
    this.#add(recommendationId, itemId, OutcomeKind.IMPRESSION);
  }

  /** An item of a recommendation was clicked. */
  clicked(recommendationId: string, itemId: string): void {
    this.#add(recommendationId, itemId, OutcomeKind.CLICK);
    // The page may be gone soon.
    this.flush();
  }

  /** Sends at once what has been collected. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      this.#send(this.#waiting.splice(0, MOST)).catch(() => undefined);
    }
  }

  #add(recommendationId: string, itemId: string, kind: OutcomeKind): void {
    const key = JSON.stringify([recommendationId, itemId, kind]);
    if (recommendationId === "" || this.#told.has(key)) return;
    this.#told.add(key);
    this.#waiting.push({ recommendationId, itemId, kind });
    this.#timer ??= setTimeout(() => this.flush(), COLLECT_MS);
  }
}
