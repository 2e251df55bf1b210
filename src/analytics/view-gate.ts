interface Waiting {
  readonly size: number;
  readonly enter: () => void;
}

/**
 * Bounds how many views of all streams are on their way to the disk. Who would
 * exceed it waits: first come, first served, so that the order of a stream stays.
 */
export class ViewGate {
  readonly #most: number;
  #inside = 0;
  #waiting: Waiting[] = [];

  /** @param most how many views may be inside; a single batch may have more, alone. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Fulfilled when there is room for so many views. They are inside until they leave. */
  enter(size: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#hasRoom(size)) {
      this.#inside += size;
      return Promise.resolve();
    }
    return new Promise((enter) => this.#waiting.push({ size, enter }));
  }

  leave(size: number): void {
    this.#inside -= size;
    let next = this.#waiting[0];
    while (next !== undefined && this.#hasRoom(next.size)) {
      this.#waiting.shift();
      this.#inside += next.size;
      next.enter();
      next = this.#waiting[0];
    }
  }

  #hasRoom(size: number): boolean {
    return this.#inside === 0 || this.#inside + size <= this.#most;
  }
}
