import type { Entry, EntryType } from "./log.ts";

/**
 * Entries as rows of numbers in one array. Between threads, such an array costs
 * next to nothing, where an object for each entry costs more than a microsecond;
 * and what is kept of it does not keep the garbage collector busy.
 */

/** How many numbers an entry is: in the order of {@link NumberList.pushEntry}. */
export const ENTRY_NUMBERS = 10;

/** A list of numbers that grows. */
export class NumberList {
  #numbers = new Float64Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) this.#grow();
    this.#numbers[this.#length++] = number;
  }

  /** Adds an entry: {@link ENTRY_NUMBERS}. */
  pushEntry(
    position: number,
    project: number,
    type: EntryType,
    time: number,
    viewer: number,
    video: number,
    watchMs: number,
    kind: number,
    value: number,
    progress: number,
  ): void {
    if (this.#length + ENTRY_NUMBERS > this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    const at = this.#length;
    numbers[at] = position;
    numbers[at + 1] = project;
    numbers[at + 2] = type;
    numbers[at + 3] = time;
    numbers[at + 4] = viewer;
    numbers[at + 5] = video;
    numbers[at + 6] = watchMs;
    numbers[at + 7] = kind;
    numbers[at + 8] = value;
    numbers[at + 9] = progress;
    this.#length = at + ENTRY_NUMBERS;
  }

  /** A copy of the numbers, after which the list is empty. */
  take(): Float64Array<ArrayBuffer> {
    const taken = this.#numbers.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Forgets the numbers. */
  clear(): void {
    this.#length = 0;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#numbers.length);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

/** Adds the entries from one index up to another, which is not among them, and returns them all. */
export function entriesOf(
  numbers: Float64Array,
  from = 0,
  to: number = entryCount(numbers),
  entries: Entry[] = [],
): Entry[] {
  for (let index = from; index < to; index++) {
    const at = index * ENTRY_NUMBERS;
    entries.push({
      position: numbers[at] as number,
      project: numbers[at + 1] as number,
      type: numbers[at + 2] as EntryType,
      time: numbers[at + 3] as number,
      viewer: numbers[at + 4] as number,
      video: numbers[at + 5] as number,
      watchMs: numbers[at + 6] as number,
      kind: numbers[at + 7] as number,
      value: numbers[at + 8] as number,
      progress: numbers[at + 9] as number,
    });
  }
  return entries;
}

/** The position of the entry at an index. */
export function positionAt(numbers: Float64Array, index: number): number {
  return numbers[index * ENTRY_NUMBERS] as number;
}

/** How many entries there are. */
export function entryCount(numbers: Float64Array): number {
  return numbers.length / ENTRY_NUMBERS;
}
