import { OUTCOMES } from "./append.ts";
import type { FeedbackReceipt, ViewReceipt } from "./log.ts";

/** Takes the receipts of a transaction apart, one append after the other. */
export class ReceiptReader {
  readonly #numbers: Float64Array;
  #at = 0;

  constructor(numbers: Float64Array) {
    this.#numbers = numbers;
  }

  /** That of the next view. */
  view(): ViewReceipt {
    return {
      outcome: OUTCOMES[this.next()] as ViewReceipt["outcome"],
      position: this.next(),
    };
  }

  /** Those of the next views. */
  views(count: number): ViewReceipt[] {
    const receipts: ViewReceipt[] = [];
    for (let index = 0; index < count; index++) receipts.push(this.view());
    return receipts;
  }

  /** That of the next feedback. */
  feedback(): FeedbackReceipt {
    return { recorded: this.next(), unchanged: this.next(), position: this.next() };
  }

  /** The next number. */
  next(): number {
    return this.#numbers[this.#at++] as number;
  }
}
