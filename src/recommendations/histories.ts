import { EntryType, type Entry } from "../log/log.ts";
import { highWord, keyOf, lowWord, valueOf } from "./interaction-code.ts";
import { KeyIndex } from "./key-index.ts";
import { RowLists } from "./row-lists.ts";
import { Kind, strengthOf } from "./signals.ts";
import { decay } from "./trending.ts";
import { interactionAt, ViewerHistory, type Interaction } from "./viewer-history.ts";

/** From this many interactions on they are found by an index, not by looking at each. */
const INDEXED_FROM = 128;

/** How many viewers are looked at in one go. */
const SLICE = 5_000;

/** What a new interaction changed in what trends. */
export interface Change {
  /** By how much the counted views of the viewer weigh more at that time. */
  weight: number;
  time: number;
  /** When what it replaced happened, if that had a positive strength and was no view; else NaN. */
  replaced: number;
}

/**
 * What all viewers of a project did, by the numbers that the log gives them: for
 * each video and kind the latest. Nothing of it is forgotten while the log has it,
 * because what was seen or refused must stay out of the answers for ever. There
 * may be as many of them as there are views, so an interaction takes 13 bytes and
 * no object of its own, and neither does a viewer.
 */
export class Histories {
  readonly #rows = new RowLists();
  /** Where the interactions of those are who did much. */
  readonly #indexes = new Map<number, KeyIndex>();
  readonly #change: Change = { weight: 0, time: 0, replaced: Number.NaN };

  /** The history of a viewer; undefined if there is none. */
  of(viewer: number): ViewerHistory | undefined {
    return this.#rows.size(viewer) === 0 ? undefined : new ViewerHistory(this.#rows, viewer);
  }

  /**
   * Records what an entry says that a viewer did, and what that changed, as
   * {@link record} tells it; undefined of what says nothing that is new of a viewer.
   */
  apply(entry: Entry): Change | undefined {
    const { type, viewer, video, value, time, progress } = entry;
    if (viewer === 0 || isOfBot(entry)) return undefined;
    const share = progress < 0 ? -1 : progress / 1_000;
    switch (type) {
      case EntryType.VIEW:
        return this.record(viewer, { video, kind: Kind.COUNTED_VIEW, value: 0, time, share });
      case EntryType.FEEDBACK:
        return this.record(viewer, { video, kind: entry.kind, value, time });
      case EntryType.EXTEND:
        this.extend(viewer, video, share);
        return undefined;
      default:
        return undefined;
    }
  }

  /**
   * Records an interaction. One of the same video and kind is replaced; but of
   * views that were counted, each is one: the newest time and the largest share
   * stand, and the value becomes what all of them weigh together at that time, as
   * in Trending. What is returned is good until the next call.
   */
  record(viewer: number, interaction: Omit<Interaction, "share"> & { share?: number }): Change {
    const { video, kind, value, time, share = -1 } = interaction;
    const key = keyOf(video, kind);
    const isView = kind === Kind.COUNTED_VIEW;
    const change = this.#change;
    change.replaced = Number.NaN;
    change.time = time;
    let newValue = isView ? 1 : value;
    let newShare = share;
    let before = 0;
    let place = this.#find(viewer, key);
    if (place < 0) {
      place = this.#append(viewer, key);
    } else {
      const old = interactionAt(this.#rows, place);
      if (isView) {
        change.time = Math.max(time, old.time);
        before = old.value * decay(change.time - old.time);
        newValue = before + decay(change.time - time);
        newShare = Math.max(share, old.share);
      } else if (strengthOf(kind, old.value) > 0) {
        change.replaced = old.time;
      }
    }
    const high = highWord(kind, newValue, change.time, newShare);
    this.#rows.set(place, key, lowWord(change.time), high);
    // As it is kept: what is taken back one day is what was added.
    change.weight = isView ? valueOf(kind, high) - before : 0;
    return change;
  }

  /** A counted view of a video, if it is still known, got as far as this share. */
  extend(viewer: number, video: number, share: number): void {
    const place = this.#find(viewer, keyOf(video, Kind.COUNTED_VIEW));
    if (place < 0) return;
    const { kind, value, time, share: before } = interactionAt(this.#rows, place);
    if (share <= before) return;
    this.#rows.set(place, keyOf(video, kind), lowWord(time), highWord(kind, value, time, share));
  }

  /** Forgets a viewer, and returns what was known of them. */
  erase(viewer: number): Interaction[] {
    const known = this.of(viewer)?.interactions() ?? [];
    this.#rows.clear(viewer);
    this.#indexes.delete(viewer);
    return known;
  }

  /**
   * Forgets the videos that were viewed, and counted, before a time and not
   * since, of the next viewers: as many at once as can be done within a
   * millisecond or so, then it yields.
   */
  *dropViews(before: number): Generator<void> {
    for (let viewer = 0; viewer < this.#rows.end; viewer++) {
      this.#dropViewsOf(viewer, before);
      if (viewer % SLICE === SLICE - 1) yield;
    }
  }

  /** All viewers who did something, by their numbers, and their histories. */
  *all(): Iterable<readonly [viewer: number, history: ViewerHistory]> {
    for (let viewer = 0; viewer < this.#rows.end; viewer++) {
      const history = this.of(viewer);
      if (history !== undefined) yield [viewer, history];
    }
  }

  #dropViewsOf(viewer: number, before: number): void {
    const size = this.#rows.size(viewer);
    if (size === 0) return;
    this.#rows.filter(viewer, (place) => {
      const { kind, time } = interactionAt(this.#rows, place);
      return kind !== Kind.COUNTED_VIEW || time >= before;
    });
    if (this.#rows.size(viewer) === size) return;
    this.#indexes.delete(viewer);
    if (this.#rows.size(viewer) >= INDEXED_FROM) this.#addIndex(viewer);
  }

  #find(viewer: number, key: number): number {
    return this.#indexes.get(viewer)?.find(key) ?? this.#rows.find(viewer, key);
  }

  #append(viewer: number, key: number): number {
    const place = this.#rows.append(viewer, key, 0, 0);
    const index = this.#indexes.get(viewer);
    if (index !== undefined) index.add(key, place);
    else if (this.#rows.size(viewer) >= INDEXED_FROM) this.#addIndex(viewer);
    return place;
  }

  #addIndex(viewer: number): void {
    const index = new KeyIndex(2 * this.#rows.size(viewer));
    for (const place of this.#rows.places(viewer)) index.add(this.#rows.word(place, 0), place);
    this.#indexes.set(viewer, index);
  }
}

/** Whether an entry is the view of a bot, which says nothing of anybody's taste. */
export function isOfBot({ type, kind }: Entry): boolean {
  return (type === EntryType.VIEW || type === EntryType.EXTEND) && kind === 1;
}
