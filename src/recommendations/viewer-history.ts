import { combinedStrength, Kind, strengthOf } from "./signals.ts";
import { TopN } from "./top-n.ts";
import { decay } from "./trending.ts";

/** Numbers for each interaction: key (video and kind), value, time. */
const STRIDE = 3;
/** Room for this many kinds in a key. */
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
 * of the answers for ever. An interaction takes 24 bytes and no object of its own.
 */
export class ViewerHistory {
  #rows = new Float64Array(2 * STRIDE);
  #size = 0;
  #index: Map<number, number> | undefined;

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
    let at = this.#find(key);
    let replaced = Number.NaN;
    let newTime = time;
    let newValue = kind === Kind.COUNTED_VIEW ? 1 : value;
    if (at < 0) {
      at = this.#append(key);
    } else {
      const oldValue = this.#rows[at + 1] as number;
      const oldTime = this.#rows[at + 2] as number;
      if (kind === Kind.COUNTED_VIEW) {
        newTime = Math.max(time, oldTime);
        newValue = oldValue * decay(newTime - oldTime) + decay(newTime - time);
      } else if (strengthOf(kind, oldValue) > 0) {
        replaced = oldTime;
      }
    }
    this.#rows[at + 1] = newValue;
    this.#rows[at + 2] = newTime;
    return replaced;
  }

  /** Forgets the videos that were viewed, and counted, before a time and not since. */
  dropViews(before: number): void {
    const rows = this.#rows;
    let end = 0;
    for (let at = 0; at < this.#size * STRIDE; at += STRIDE) {
      const isView = (rows[at] as number) % KINDS === Kind.COUNTED_VIEW;
      if (isView && (rows[at + 2] as number) < before) continue;
      rows.copyWithin(end, at, at + STRIDE);
      end += STRIDE;
    }
    if (end === this.#size * STRIDE) return;
    this.#size = end / STRIDE;
    this.#rows = rows.slice(0, Math.max(end, 2 * STRIDE));
    this.#index = this.#size >= INDEXED_FROM ? this.#indexed() : undefined;
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
      for (let row = 0; row < this.#size; row++) {
        newest.push(row, this.#rows[row * STRIDE + 2] as number);
      }
      for (const row of newest.takeIds()) this.#visit(row, add);
    }
    return [...interests.values()];
  }

  #visit(
    row: number,
    visit: (video: number, kind: number, value: number, time: number) => void,
  ): void {
    const at = row * STRIDE;
    const key = this.#rows[at] as number;
    const video = Math.floor(key / KINDS);
    const value = this.#rows[at + 1] as number;
    visit(video, key - video * KINDS, value, this.#rows[at + 2] as number);
  }

  /** Where the interaction of a key stands; -1 if there is none. */
  #find(key: number): number {
    if (this.#index !== undefined) return this.#index.get(key) ?? -1;
    const end = this.#size * STRIDE;
    for (let at = 0; at < end; at += STRIDE) if (this.#rows[at] === key) return at;
    return -1;
  }

  #append(key: number): number {
    const at = this.#size * STRIDE;
    if (at === this.#rows.length) {
      const rows = new Float64Array(STRIDE * (this.#size + Math.max(2, this.#size >> 1)));
      rows.set(this.#rows);
      this.#rows = rows;
    }
    this.#rows[at] = key;
    this.#size++;
    if (this.#index !== undefined) this.#index.set(key, at);
    else if (this.#size >= INDEXED_FROM) this.#index = this.#indexed();
    return at;
  }

  #indexed(): Map<number, number> {
    const index = new Map<number, number>();
    const end = this.#size * STRIDE;
    for (let at = 0; at < end; at += STRIDE) index.set(this.#rows[at] as number, at);
    return index;
  }
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
