import { KeyIndex } from "./key-index.ts";
import { combinedStrength, Kind, strengthOf } from "./signals.ts";
import { TopN } from "./top-n.ts";
import { decay } from "./trending.ts";

/** Words of 32 bits for each interaction: key (video and kind), and time in milliseconds, low and high. */
const STRIDE = 3;
const TWO_32 = 0x1_0000_0000;
/** Room for this many kinds in a key, and so for 2^29 videos. */
const KINDS = 8;
/** From this many interactions on they are found by an index, not by looking at each. */
const INDEXED_FROM = 128;

/** How many viewers are looked at in one go. */
const SLICE = 5_000;

/** How many of the newest interactions of a viewer a model learns from, and folds in. */
export const HISTORY_LIMIT = 500;

/** What a viewer thinks of one video. */
export interface Interest {
  readonly video: number;
  /** As in {@link strengthOf}, of all interactions with it together. */
  strength: number;
  /** The kind of the interaction that speaks loudest for it. */
  kind: number;
  /** The value of that interaction, as {@link ViewerHistory.record} keeps it. */
  value: number;
  /** When the newest of them happened. */
  time: number;
}

/**
 * What one viewer did: for each video and kind the latest. Nothing of it is
 * forgotten while the log has it, because what was seen or refused must stay out
 * of the answers for ever. There may be as many of them as there are views, so
 * an interaction takes 12 bytes and no object of its own; 20 if any of the
 * viewer's has a value that its kind does not tell.
 */
export class ViewerHistory {
  #rows = new Uint32Array(2 * STRIDE);
  #size = 0;
  /** The values of the interactions, once there is one that is not {@link usualValue}. */
  #values: Float64Array | undefined;
  #index: KeyIndex | undefined;

  get size(): number {
    return this.#size;
  }

  /**
   * Records an interaction. One of the same video and kind is replaced; but of
   * views that were counted, each is one: the newest time stands, and the value
   * becomes what all of them weigh together at that time, as in Trending. Returns
   * the time of the one that it replaced, if that had a positive strength;
   * otherwise NaN.
   */
  record(video: number, kind: number, value: number, time: number): number {
    const key = video * KINDS + kind;
    let row = this.#find(key);
    let replaced = Number.NaN;
    let newTime = time;
    let newValue = kind === Kind.COUNTED_VIEW ? 1 : value;
    if (row < 0) {
      row = this.#append(key);
    } else {
      const oldValue = this.#value(row);
      const oldTime = this.#time(row);
      if (kind === Kind.COUNTED_VIEW) {
        newTime = Math.max(time, oldTime);
        newValue = oldValue * decay(newTime - oldTime) + decay(newTime - time);
      } else if (strengthOf(kind, oldValue) > 0) {
        replaced = oldTime;
      }
    }
    this.#rows[row * STRIDE + 1] = newTime % TWO_32;
    this.#rows[row * STRIDE + 2] = Math.floor(newTime / TWO_32);
    this.#setValue(row, kind, newValue);
    return replaced;
  }

  /** Forgets the videos that were viewed, and counted, before a time and not since. */
  dropViews(before: number): void {
    const rows = this.#rows;
    let kept = 0;
    for (let row = 0; row < this.#size; row++) {
      const isView = this.#key(row) % KINDS === Kind.COUNTED_VIEW;
      if (isView && this.#time(row) < before) continue;
      rows.copyWithin(kept * STRIDE, row * STRIDE, (row + 1) * STRIDE);
      this.#values?.copyWithin(kept, row, row + 1);
      kept++;
    }
    if (kept === this.#size) return;
    this.#size = kept;
    this.#resize(Math.max(kept, 2));
    this.#index = kept >= INDEXED_FROM ? this.#indexed() : undefined;
  }

  /** Visits all interactions, in the order in which the log first had them. */
  forEach(visit: (video: number, kind: number, value: number, time: number) => void): void {
    for (let row = 0; row < this.#size; row++) this.#visit(row, visit);
  }

  /**
   * What the viewer thinks of the videos of their newest `limit` interactions,
   * one for each video.
   */
  interests(limit: number): Interest[] {
    const interests = new Map<number, Interest>();
    const add = (video: number, kind: number, value: number, time: number): void => {
      const strength = strengthOf(kind, value);
      const interest = interests.get(video);
      if (interest === undefined) {
        interests.set(video, { video, strength, kind, value, time });
        return;
      }
      if (strength > strengthOf(interest.kind, interest.value)) {
        interest.kind = kind;
        interest.value = value;
      }
      interest.strength = combinedStrength(interest.strength, strength);
      interest.time = Math.max(interest.time, time);
    };
    if (this.#size <= limit) {
      this.forEach(add);
    } else {
      const newest = new TopN(limit);
      for (let row = 0; row < this.#size; row++) newest.push(row, this.#time(row));
      for (const row of newest.takeIds()) this.#visit(row, add);
    }
    return [...interests.values()];
  }

  #visit(
    row: number,
    visit: (video: number, kind: number, value: number, time: number) => void,
  ): void {
    const key = this.#key(row);
    const video = Math.floor(key / KINDS);
    visit(video, key - video * KINDS, this.#value(row), this.#time(row));
  }

  #key(row: number): number {
    return this.#rows[row * STRIDE] as number;
  }

  #time(row: number): number {
    const at = row * STRIDE;
    return (this.#rows[at + 1] as number) + (this.#rows[at + 2] as number) * TWO_32;
  }

  #value(row: number): number {
    return this.#values?.[row] ?? usualValue(this.#key(row) % KINDS);
  }

  #setValue(row: number, kind: number, value: number): void {
    if (this.#values === undefined) {
      if (value === usualValue(kind)) return;
      this.#values = new Float64Array(this.#rows.length / STRIDE);
      for (let other = 0; other < this.#size; other++) {
        this.#values[other] = usualValue(this.#key(other) % KINDS);
      }
    }
    this.#values[row] = value;
  }

  /** Which interaction has a key; -1 if none has. */
  #find(key: number): number {
    if (this.#index !== undefined) return this.#index.find(key);
    const end = this.#size * STRIDE;
    for (let at = 0; at < end; at += STRIDE) if (this.#rows[at] === key) return at / STRIDE;
    return -1;
  }

  #append(key: number): number {
    const row = this.#size;
    if (row * STRIDE === this.#rows.length) this.#resize(row + Math.max(2, row >> 2));
    this.#rows[row * STRIDE] = key;
    this.#size++;
    if (this.#index !== undefined) this.#index.add(key, row);
    else if (this.#size >= INDEXED_FROM) this.#index = this.#indexed();
    return row;
  }

  #resize(room: number): void {
    const rows = new Uint32Array(room * STRIDE);
    rows.set(this.#rows.subarray(0, this.#size * STRIDE));
    this.#rows = rows;
    if (this.#values === undefined) return;
    const values = new Float64Array(room);
    values.set(this.#values.subarray(0, this.#size));
    this.#values = values;
  }

  #indexed(): KeyIndex {
    const index = new KeyIndex(2 * this.#size);
    for (let row = 0; row < this.#size; row++) index.add(this.#key(row), row);
    return index;
  }
}

/** The value of nearly all interactions of a kind: of one counted view, and of all that is no rating. */
function usualValue(kind: number): number {
  return kind === Kind.COUNTED_VIEW ? 1 : 0;
}

/** The histories of all viewers of a project, by the numbers that the log gives them. */
export class Histories {
  readonly #viewers: (ViewerHistory | undefined)[] = [];

  /** The history of a viewer; undefined if there is none. */
  of(viewer: number): ViewerHistory | undefined {
    return this.#viewers[viewer];
  }

  /** Records an interaction, as {@link ViewerHistory.record} does. */
  record(viewer: number, video: number, kind: number, value: number, time: number): number {
    let history = this.#viewers[viewer];
    if (history === undefined) {
      history = new ViewerHistory();
      this.#viewers[viewer] = history;
    }
    return history.record(video, kind, value, time);
  }

  /** Forgets a viewer, and returns what was known of them. */
  erase(viewer: number): ViewerHistory | undefined {
    const history = this.#viewers[viewer];
    if (history !== undefined) this.#viewers[viewer] = undefined;
    return history;
  }

  /**
   * Forgets what was viewed before a time, as {@link ViewerHistory.dropViews} does,
   * of the next viewers: as many at once as can be done within a millisecond or
   * so, then it yields.
   */
  *dropViews(before: number): Generator<void> {
    for (let viewer = 0; viewer < this.#viewers.length; viewer++) {
      const history = this.#viewers[viewer];
      history?.dropViews(before);
      if (history?.size === 0) this.#viewers[viewer] = undefined;
      if (viewer % SLICE === SLICE - 1) yield;
    }
  }

  /** All viewers, by their numbers, and their histories. */
  *all(): Iterable<readonly [viewer: number, history: ViewerHistory]> {
    for (const [viewer, history] of this.#viewers.entries()) {
      if (history !== undefined) yield [viewer, history];
    }
  }
}
