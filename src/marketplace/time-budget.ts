/** What is left of the time that an answer may take, shared out among its steps. */
export class TimeBudget {
  readonly #end: number;

  /** @param ms the whole of it, in milliseconds. */
  constructor(ms: number) {
    this.#end = performance.now() + ms;
  }

  /** A part of what is left, in milliseconds: at least 1, because 0 is no limit to a call. */
  share(part: number): number {
    return Math.max(1, Math.floor((this.#end - performance.now()) * part));
  }
}
