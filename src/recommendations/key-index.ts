/** A key and a row: words of 32 bits for each slot. */
const STRIDE = 2;
/** Of the slots, at most three of four are taken. */
const MAX_LOAD = 0.75;
/** 2^32 over the golden ratio: spreads keys that are close together (Knuth, TAOCP 3, 6.4). */
const SPREAD = 0x9e37_79b1;

/**
 * Which row has a key, of keys from 0 to 2^32 - 1: open addressing with linear
 * probing in one array, 11 to 21 bytes for each key where a Map takes 40.
 */
export class KeyIndex {
  /** The row of a slot is stored plus 1: 0 is an empty one. */
  #slots: Uint32Array;
  #size = 0;

  /** @param room for how many keys there is room before it has to grow. */
  constructor(room: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(8, room / MAX_LOAD)));
    this.#slots = new Uint32Array(slots * STRIDE);
  }

  /** The row of a key; -1 if it has none. */
  find(key: number): number {
    return (this.#slots[this.#slotOf(key) + 1] as number) - 1;
  }

  /** Adds a key that is not there. */
  add(key: number, row: number): void {
    if (this.#size >= (this.#slots.length / STRIDE) * MAX_LOAD) this.#grow();
    const at = this.#slotOf(key);
    this.#slots[at] = key;
    this.#slots[at + 1] = row + 1;
    this.#size++;
  }

  /** Where a key stands, or would. */
  #slotOf(key: number): number {
    const slots = this.#slots;
    const mask = slots.length / STRIDE - 1;
    let slot = (Math.imul(key, SPREAD) >>> 8) & mask;
    while (slots[slot * STRIDE + 1] !== 0 && slots[slot * STRIDE] !== key) {
      slot = (slot + 1) & mask;
    }
    return slot * STRIDE;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    this.#size = 0;
    for (let at = 0; at < old.length; at += STRIDE) {
      const row = old[at + 1] as number;
      if (row !== 0) this.add(old[at] as number, row - 1);
    }
  }
}
