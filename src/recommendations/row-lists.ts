/** Words of 32 bits that a row has. */
const ROW_WORDS = 3;
/** Rows that a page has; after them it has the page that follows it: 64 bytes in all. */
const PAGE_ROWS = 5;
const PAGE_WORDS = 16;
const NEXT = PAGE_ROWS * ROW_WORDS;
/** Pages that are made at once: a mebibyte of them. */
const SEGMENT_BITS = 14;
const SEGMENT_MASK = 2 ** SEGMENT_BITS - 1;
const SEGMENT_WORDS = 2 ** SEGMENT_BITS * PAGE_WORDS;

/** Words of 32 bits that a list has, besides its pages: its first page, its last one, its size. */
const LIST_WORDS = 3;

/**
 * Many lists of rows, in pages that a list takes when it grows and gives back
 * when it shrinks. Where each list had an array of its own, each array was two
 * objects for the garbage collector to visit, and was copied to grow: with
 * 200,000 lists that was 200 MB of heap, and three times that until it was
 * collected. Here no list has an object, and nothing is garbage.
 *
 * Lists have numbers from 0 up, which should be dense; all are there, and empty.
 * A row is told by its place, a number that stays until rows before it are removed.
 */
export class RowLists {
  /** Pages are told by their numbers plus 1: 0 is none. */
  #lists = new Uint32Array(1_024 * LIST_WORDS);
  readonly #segments: Uint32Array[] = [];
  /** The last page that was made. */
  #lastPage = 0;
  /** The first page that was given back; each knows the next one. */
  #free = 0;

  /** Lists from this number on are empty. */
  get end(): number {
    return this.#lists.length / LIST_WORDS;
  }

  /** How many rows a list has. */
  size(list: number): number {
    return this.#lists[list * LIST_WORDS + 2] ?? 0;
  }

  /** Adds a row to a list, and tells its place. Its words are from 0 to 2^32 - 1. */
  append(list: number, first: number, second: number, third: number): number {
    if (list >= this.end) this.#makeRoom(list);
    const lists = this.#lists;
    const at = list * LIST_WORDS;
    const size = lists[at + 2] as number;
    if (size % PAGE_ROWS === 0) {
      const page = this.#take();
      if (size === 0) lists[at] = page;
      else this.#setNext(lists[at + 1] as number, page);
      lists[at + 1] = page;
    }
    lists[at + 2] = size + 1;
    const place = placeOf(lists[at + 1] as number, size % PAGE_ROWS);
    this.set(place, first, second, third);
    return place;
  }

  /** The places of a list's rows, in their order. */
  *places(list: number): Generator<number> {
    let left = this.size(list);
    for (let page = this.#first(list); left > 0; page = this.#next(page)) {
      const rows = Math.min(left, PAGE_ROWS);
      for (let row = 0; row < rows; row++) yield placeOf(page, row);
      left -= rows;
    }
  }

  /** Visits the words of a list's rows, in their order. */
  forEach(list: number, visit: (first: number, second: number, third: number) => void): void {
    let left = this.size(list);
    for (let page = this.#first(list); left > 0; left -= PAGE_ROWS) {
      const segment = this.#segmentOf(page);
      const begin = offsetOf(page);
      const end = begin + Math.min(left, PAGE_ROWS) * ROW_WORDS;
      for (let at = begin; at < end; at += ROW_WORDS) {
        visit(segment[at] as number, segment[at + 1] as number, segment[at + 2] as number);
      }
      page = segment[begin + NEXT] as number;
    }
  }

  /** The place of the row of a list whose first word is this; -1 if there is none. */
  find(list: number, word: number): number {
    let left = this.size(list);
    for (let page = this.#first(list); left > 0; left -= PAGE_ROWS) {
      const segment = this.#segmentOf(page);
      const begin = offsetOf(page);
      const rows = Math.min(left, PAGE_ROWS);
      for (let row = 0; row < rows; row++) {
        if (segment[begin + row * ROW_WORDS] === word) return placeOf(page, row);
      }
      page = segment[begin + NEXT] as number;
    }
    return -1;
  }

  /** Keeps the rows of a list that are wanted, in their order, at other places. */
  filter(list: number, isWanted: (place: number) => boolean): void {
    let kept = 0;
    let page = this.#first(list);
    let last = page;
    for (const place of this.places(list)) {
      if (!isWanted(place)) continue;
      const row = kept % PAGE_ROWS;
      if (row === 0 && kept > 0) page = this.#next(page);
      last = page;
      this.set(placeOf(page, row), this.word(place, 0), this.word(place, 1), this.word(place, 2));
      kept++;
    }
    if (kept === 0) {
      this.clear(list);
      return;
    }
    const at = list * LIST_WORDS;
    this.#giveBack(this.#next(last), this.#lists[at + 1] as number);
    this.#setNext(last, 0);
    this.#lists[at + 1] = last;
    this.#lists[at + 2] = kept;
  }

  /** Removes all rows of a list. */
  clear(list: number): void {
    if (this.size(list) === 0) return;
    const at = list * LIST_WORDS;
    this.#giveBack(this.#lists[at] as number, this.#lists[at + 1] as number);
    this.#lists.fill(0, at, at + LIST_WORDS);
  }

  /** A word of a row, from 0 to 2. */
  word(place: number, index: number): number {
    const page = pageOf(place);
    const row = place - placeOf(page, 0);
    return this.#segmentOf(page)[offsetOf(page) + row * ROW_WORDS + index] as number;
  }

  /** Sets the words of a row. */
  set(place: number, first: number, second: number, third: number): void {
    const page = pageOf(place);
    const segment = this.#segmentOf(page);
    const at = offsetOf(page) + (place - placeOf(page, 0)) * ROW_WORDS;
    segment[at] = first;
    segment[at + 1] = second;
    segment[at + 2] = third;
  }

  #makeRoom(list: number): void {
    const longer = new Uint32Array(Math.max(list + 1, this.end + (this.end >> 1)) * LIST_WORDS);
    longer.set(this.#lists);
    this.#lists = longer;
  }

  #first(list: number): number {
    return this.#lists[list * LIST_WORDS] ?? 0;
  }

  #take(): number {
    const page = this.#free;
    if (page > 0) {
      this.#free = this.#next(page);
      this.#setNext(page, 0);
      return page;
    }
    if (this.#lastPage === this.#segments.length << SEGMENT_BITS) {
      this.#segments.push(new Uint32Array(SEGMENT_WORDS));
    }
    return ++this.#lastPage;
  }

  /** Gives back the pages from one, if it is one, on to another. */
  #giveBack(first: number, last: number): void {
    if (first === 0) return;
    this.#setNext(last, this.#free);
    this.#free = first;
  }

  #next(page: number): number {
    return this.#segmentOf(page)[offsetOf(page) + NEXT] as number;
  }

  #setNext(page: number, next: number): void {
    this.#segmentOf(page)[offsetOf(page) + NEXT] = next;
  }

  #segmentOf(page: number): Uint32Array {
    return this.#segments[(page - 1) >> SEGMENT_BITS] as Uint32Array;
  }
}

function placeOf(page: number, row: number): number {
  return (page - 1) * PAGE_ROWS + row;
}

function pageOf(place: number): number {
  return Math.floor(place / PAGE_ROWS) + 1;
}

/** Where a page begins in its segment. */
function offsetOf(page: number): number {
  return ((page - 1) & SEGMENT_MASK) * PAGE_WORDS;
}
