const NOTHING: Uint32Array = new Uint32Array(0);

/**
 * Many short lists of numbers in one array: a list takes its length rounded up to
 * a power of two, and 9 bytes, where an array of its own takes 150 more. Room
 * that a list leaves is taken by the next one of its size.
 */
export class Lists {
  #data = new Uint32Array(1_024);
  #end = 0;
  #starts = new Uint32Array(64);
  #lengths = new Uint32Array(64);
  /** The binary logarithm of the room of each list, plus 1; 0 for none. */
  #classes = new Uint8Array(64);
  /** Where there is room that was left, by its class. */
  readonly #free: number[][] = Array.from({ length: 33 }, () => []);

  /** How many bytes all of it takes. */
  get bytes(): number {
    return 4 * this.#data.length + 9 * this.#starts.length;
  }

  lengthOf(list: number): number {
    return this.#lengths[list] ?? 0;
  }

  /** The numbers of a list, where they stand: until the next change. */
  of(list: number): Uint32Array {
    const length = this.lengthOf(list);
    if (length === 0) return NOTHING;
    const start = this.#starts[list] as number;
    return this.#data.subarray(start, start + length);
  }

  /** Puts other numbers in place of those of a list. */
  set(list: number, numbers: Uint32Array): void {
    if (numbers.length === 0) return this.clear(list);
    this.#reserve(list, numbers.length);
    this.#data.set(numbers, this.#starts[list]);
    this.#lengths[list] = numbers.length;
  }

  /** Adds a number to a list in ascending order that does not have it. */
  insert(list: number, number: number): void {
    const length = this.lengthOf(list);
    this.#reserve(list, length + 1);
    const start = this.#starts[list] as number;
    const at = start + this.#placeOf(list, number);
    this.#data.copyWithin(at + 1, at, start + length);
    this.#data[at] = number;
    this.#lengths[list] = length + 1;
  }

  /** Takes a number out of a list in ascending order that has it. */
  delete(list: number, number: number): void {
    const length = this.lengthOf(list);
    const start = this.#starts[list] as number;
    const at = start + this.#placeOf(list, number);
    this.#data.copyWithin(at, at + 1, start + length);
    this.#lengths[list] = length - 1;
    if (length === 1) this.clear(list);
  }

  /** Empties a list, and leaves its room. */
  clear(list: number): void {
    const size = this.#classes[list] ?? 0;
    if (size === 0) return;
    this.#free[size]?.push(this.#starts[list] as number);
    this.#classes[list] = 0;
    this.#lengths[list] = 0;
  }

  /** How many numbers of a list are below one. */
  #placeOf(list: number, number: number): number {
    const start = this.#starts[list] as number;
    let [low, high] = [0, this.#lengths[list] as number];
    // New items have the highest numbers.
    if (high === 0 || (this.#data[start + high - 1] as number) < number) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#data[start + middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Sees to it that a list has room; what it has stays. */
  #reserve(list: number, length: number): void {
    if (list >= this.#starts.length) this.#grow(list);
    const size = length <= 1 ? 1 : 33 - Math.clz32(length - 1);
    if (size <= (this.#classes[list] as number)) return;
    const kept = this.of(list);
    const start = this.#free[size]?.pop() ?? this.#append(2 ** (size - 1));
    this.#data.set(kept, start);
    const keptLength = kept.length;
    this.clear(list);
    this.#starts[list] = start;
    this.#classes[list] = size;
    this.#lengths[list] = keptLength;
  }

  #append(room: number): number {
    const start = this.#end;
    this.#end += room;
    if (this.#end > this.#data.length) {
      const longer = new Uint32Array(Math.ceil(Math.max(this.#end, 1.5 * this.#data.length)));
      longer.set(this.#data);
      this.#data = longer;
    }
    return start;
  }

  #grow(list: number): void {
    const length = Math.ceil(Math.max(list + 1, 1.5 * this.#starts.length));
    const [starts, lengths, classes] = [this.#starts, this.#lengths, this.#classes];
    this.#starts = new Uint32Array(length);
    this.#lengths = new Uint32Array(length);
    this.#classes = new Uint8Array(length);
    this.#starts.set(starts);
    this.#lengths.set(lengths);
    this.#classes.set(classes);
  }
}
