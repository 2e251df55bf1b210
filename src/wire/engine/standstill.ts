/**
 * Tells for how long something has not moved on that ought to. It is asked
 * every now and then, so that what moves need not look at the time.
 */
export class Standstill {
  #mark: number | undefined;
  #since = 0;

  /**
   * How long it has been the same, as far as it was asked: milliseconds.
   *
   * @param mark differs when it has moved on; undefined if it need not.
   * @param now of performance.now().
   */
  ms(mark: number | undefined, now: number): number {
    if (mark === undefined || mark !== this.#mark) {
      this.#mark = mark;
      this.#since = now;
    }
    return now - this.#since;
  }
}
