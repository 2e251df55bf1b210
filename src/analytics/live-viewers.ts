/** For how many ticks of its clock a table takes a viewer for one who was seen lately. */
export const LATELY_TICKS = 60;

/** Codes of viewers; larger ones tell the tick in which the viewer was seen last, as `FIRST + tick % TICKS`. */
const ABSENT = 0;
const NOT_LATELY = 1;
const FIRST = 2;
const TICKS = 254;

/** In so many ticks all old codes are swept away: well before they would come to mean a new tick. */
const SWEEP_TICKS = 64;

/** A slot has four bytes of a number and one of a code. */
const SLOT_BYTES = 5;
const FEWEST_SLOTS = 16;
/** The golden ratio, in 32 bits: spreads numbers that follow each other. */
const SPREAD = 0x9e3779b1;

/**
 * Viewers by their numbers: how many there are, exactly, and how many of them
 * were seen in the last {@link LATELY_TICKS} ticks of a clock.
 *
 * A viewer takes a byte where most numbers up to the largest are in the table,
 * as for all videos together, else a slot of a hash table: 10 bytes or so. A Set
 * beside a Map would take ten times that.
 */
export class ViewerTable {
  /** By viewer, or by slot if there are keys. */
  #codes = new Uint8Array(FEWEST_SLOTS);
  #keys: Int32Array | undefined = new Int32Array(FEWEST_SLOTS);
  #shift = shiftFor(FEWEST_SLOTS);
  #largest = 0;
  #size = 0;
  #lately = 0;
  /** How many viewers were seen last in each tick of the last ones. */
  readonly #seenIn = new Int32Array(TICKS);
  #tick: number;
  #swept = 0;

  /** @param tick of the clock, now. */
  constructor(tick: number) {
    this.#tick = tick;
  }

  /** How many viewers there are. */
  get size(): number {
    return this.#size;
  }

  /** How many of them were seen lately. */
  get lately(): number {
    return this.#lately;
  }

  /** Makes room for so many viewers, with numbers up to `largest`. */
  reserve(size: number, largest: number): void {
    this.#largest = Math.max(this.#largest, largest);
    this.#rebuild(size);
  }

  /** A viewer is there, and not seen lately unless that is known already. */
  add(viewer: number): void {
    const index = this.#indexOf(viewer);
    if (this.#codes[index] === ABSENT) this.#put(index, viewer, NOT_LATELY);
  }

  /**
   * A viewer is seen.
   *
   * @param ago how many ticks ago it was: up to {@link LATELY_TICKS}.
   * @returns whether one of the numbers has changed.
   */
  see(viewer: number, ago = 0): boolean {
    const index = this.#indexOf(viewer);
    const before = this.#codes[index] as number;
    const code = codeOf(this.#tick - ago);
    if (before === code) return false;
    const wasLately = before >= FIRST && this.#ago(before) <= LATELY_TICKS;
    if (wasLately) {
      if (this.#ago(before) <= ago) return false;
      this.#seenIn[before - FIRST] = (this.#seenIn[before - FIRST] as number) - 1;
    } else {
      this.#lately++;
    }
    this.#seenIn[code - FIRST] = (this.#seenIn[code - FIRST] as number) + 1;
    if (before === ABSENT) this.#put(index, viewer, code);
    else this.#codes[index] = code;
    return !wasLately;
  }

  /** How many ticks ago a viewer was seen; undefined for one who is not there, or was not lately. */
  seenAgo(viewer: number): number | undefined {
    if (this.#keys === undefined && viewer >= this.#codes.length) return undefined;
    const code = this.#codes[this.#indexOf(viewer)] as number;
    const ago = code < FIRST ? Infinity : this.#ago(code);
    return ago <= LATELY_TICKS ? ago : undefined;
  }

  /** The clock goes on to this tick. Tells whether fewer viewers were seen lately. */
  advance(tick: number): boolean {
    const before = this.#lately;
    const steps = tick - this.#tick;
    if (steps <= 0) return false;
    this.#tick = tick;
    if (steps > LATELY_TICKS) {
      this.#forget();
      return before !== 0;
    }
    for (let step = steps; step > 0; step--) {
      const expired = codeOf(tick - LATELY_TICKS - step) - FIRST;
      this.#lately -= this.#seenIn[expired] as number;
      this.#seenIn[expired] = 0;
    }
    this.#sweep(Math.ceil((this.#codes.length / SWEEP_TICKS) * steps));
    return this.#lately !== before;
  }

  #ago(code: number): number {
    return (codeOf(this.#tick) - code + TICKS) % TICKS;
  }

  /** Where a viewer is, or has to go: there is room. */
  #indexOf(viewer: number): number {
    const keys = this.#keys;
    if (keys === undefined) {
      if (viewer < this.#codes.length) return viewer;
      this.#largest = viewer;
      this.#rebuild(this.#size + 1);
      return this.#indexOf(viewer);
    }
    const mask = keys.length - 1;
    let slot = Math.imul(viewer, SPREAD) >>> this.#shift;
    while (keys[slot] !== viewer && keys[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }

  #put(index: number, viewer: number, code: number): void {
    this.#codes[index] = code;
    this.#size++;
    if (viewer > this.#largest) this.#largest = viewer;
    if (this.#keys === undefined) return;
    this.#keys[index] = viewer;
    // At two thirds, a search is still a few steps.
    if (this.#size * 3 > this.#keys.length * 2) this.#rebuild(this.#size + 1);
  }

  /** Takes whichever form is smaller, with room for more than so many viewers. */
  #rebuild(size: number): void {
    const [oldCodes, oldKeys] = [this.#codes, this.#keys];
    let slots = FEWEST_SLOTS;
    while (slots < 2 * size) slots *= 2;
    // A number more than half as large again is a new number for another rebuild.
    const length = this.#largest + (this.#largest >>> 1) + FEWEST_SLOTS;
    const isDense = length <= slots * SLOT_BYTES;
    this.#codes = new Uint8Array(isDense ? length : slots);
    this.#keys = isDense ? undefined : new Int32Array(slots);
    this.#shift = shiftFor(slots);
    this.#swept = 0;
    for (let old = 0; old < oldCodes.length; old++) {
      const code = oldCodes[old] as number;
      if (code === ABSENT) continue;
      const viewer = oldKeys === undefined ? old : (oldKeys[old] as number);
      const index = this.#indexOf(viewer);
      if (this.#keys !== undefined) this.#keys[index] = viewer;
      this.#codes[index] = this.#current(code);
    }
  }

  /** Frees the codes of ticks that are past, a part of the table at a time. */
  #sweep(count: number): void {
    const codes = this.#codes;
    for (let n = Math.min(count, codes.length); n > 0; n--) {
      if (this.#swept >= codes.length) this.#swept = 0;
      codes[this.#swept] = this.#current(codes[this.#swept] as number);
      this.#swept++;
    }
  }

  /** Nobody was seen lately. */
  #forget(): void {
    this.#lately = 0;
    this.#seenIn.fill(0);
    for (const [index, code] of this.#codes.entries()) {
      if (code >= FIRST) this.#codes[index] = NOT_LATELY;
    }
  }

  #current(code: number): number {
    return code >= FIRST && this.#ago(code) > LATELY_TICKS ? NOT_LATELY : code;
  }
}

function codeOf(tick: number): number {
  return FIRST + (((tick % TICKS) + TICKS) % TICKS);
}

/** By how much a spread number is shifted to be one of so many slots, a power of two. */
function shiftFor(slots: number): number {
  return Math.clz32(slots) + 1;
}
