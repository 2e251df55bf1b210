import type { Database, Statement } from "better-sqlite3";
import { CONFLICT, DUPLICATE, EXTENDED, LOGGED, type Draft } from "./append.ts";
import type { ErasureWriter } from "./erasure-writer.ts";
import type { Interner } from "./interner.ts";
import { EntryType } from "./log.ts";
import { NUMBERS, TEXTS, textAt, viewCount, type PackedViews } from "./packed-views.ts";
import type { RemovalWriter } from "./removal-writer.ts";
import type { Remover } from "./remover.ts";
import { KEY_BYTES, type Keys } from "./view-key.ts";

/** How many views one INSERT takes, at most: what more would save is little. */
const CHUNK = 50;

interface StandingView {
  position: number;
  time: number;
  viewer: number;
  video: number;
  watch_ms: number;
  progress: number | null;
  country: string | null;
  device: string | null;
  referrer: string | null;
  properties: string | null;
  kind: number;
}

/** What became of a view that was extended. */
interface Extended {
  longest_ms: number;
  furthest: number | null;
  extended_at: number;
}

/** The numbers of names. */
interface Names {
  readonly viewers: Interner;
  readonly videos: Interner;
}

/** How a view is removed that is in the way, though its viewer is erased, or it is too old. */
interface Removal {
  readonly erasures: ErasureWriter;
  readonly removals: RemovalWriter;
  readonly remover: Remover;
}

/** Writes views, and what their repeats add to them, many with each statement. */
export class ViewWriter {
  readonly #db: Database;
  readonly #keys: Keys;
  readonly #names: Names;
  readonly #removal: Removal;
  /** The numbers of the viewers and the videos of a chunk, and the keys of its views. */
  readonly #viewerIds: number[] = [];
  readonly #videoIds: number[] = [];
  readonly #viewKeys = Array.from({ length: CHUNK }, () => Buffer.alloc(KEY_BYTES));
  /** By how many views they insert, less one. */
  readonly #inserts: Statement<unknown[]>[] = [];
  readonly #inserted: Statement<[number, number], number>;
  readonly #find: Statement<[number, Buffer], StandingView>;
  readonly #findExtended: Statement<[number], Extended>;
  readonly #extend: Statement<[number, number, number | null, number]>;
  readonly #insertExtension: Statement<unknown[]>;

  constructor(db: Database, keys: Keys, names: Names, removal: Removal) {
    this.#db = db;
    this.#keys = keys;
    this.#names = names;
    this.#removal = removal;
    this.#inserted = db
      .prepare<[number, number], number>(
        "select position from entry where position > ? and position <= ?",
      )
      .pluck();
    this.#find = db.prepare(
      `select position, time, viewer, video, watch_ms, progress, country, device, referrer,
              properties, kind
       from entry where project = ? and view_key = ? and type = 1`,
    );
    // By itself: SQLite plans a join anew each time that it gets other parameters.
    this.#findExtended = db.prepare(
      "select longest_ms, furthest, extended_at from extended where position = ?",
    );
    // Not in the view's own row, which must not grow: see log/schema.ts.
    this.#extend = db.prepare(
      `insert into extended (position, longest_ms, furthest, extended_at) values (?, ?, ?, ?)
       on conflict (position) do update set longest_ms = excluded.longest_ms,
         furthest = excluded.furthest, extended_at = excluded.extended_at`,
    );
    this.#insertExtension = db.prepare(
      `insert into entry (position, project, type, time, viewer, video, watch_ms,
         country, device, referrer, kind, value, progress, progress_before, properties)
       values (?, ?, 2, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
    );
  }

  /** Writes views. Of each, the receipt is its outcome and its position. */
  write(packed: PackedViews, draft: Draft): void {
    const count = viewCount(packed);
    for (let from = 0; from < count; from += CHUNK) {
      this.#writeChunk(packed, from, Math.min(count, from + CHUNK), draft);
    }
  }

  #writeChunk(packed: PackedViews, from: number, to: number, draft: Draft): void {
    const start = draft.position;
    for (let index = from; index < to; index++) {
      const project = packed.numbers[index * NUMBERS] as number;
      this.#videoIds[index - from] = this.#names.videos.intern(project, textAt(packed, index, 1));
      this.#viewerIds[index - from] = this.#names.viewers.intern(project, textAt(packed, index, 2));
    }
    if (this.#insert(packed, from, from, to, start) === to - from) {
      for (let index = from; index < to; index++) {
        const position = ++draft.position;
        this.#pushView(packed, from, index, position, draft);
        pushReceipt(LOGGED, position, draft);
      }
      return;
    }
    const inserted = new Set(this.#inserted.all(start, start + to - from));
    for (let index = from; index < to; index++) {
      const position = start + index - from + 1;
      if (!inserted.has(position)) continue;
      this.#pushView(packed, from, index, position, draft);
      draft.position = position;
    }
    for (let index = from; index < to; index++) {
      const position = start + index - from + 1;
      if (inserted.has(position)) pushReceipt(LOGGED, position, draft);
      else this.#repeat(packed, from, index, draft);
    }
  }

  /**
   * Inserts those that are not there of some views of a chunk, which begins at
   * `chunk`, at the positions after `start`, and tells how many they are. Nothing is made for each view but its values.
   */
  #insert(packed: PackedViews, chunk: number, from: number, to: number, start: number): number {
    const { texts, numbers } = packed;
    const values: unknown[] = [];
    let position = start;
    for (let index = from; index < to; index++) {
      const text = index * TEXTS;
      const number = index * NUMBERS;
      const progress = numbers[number + 3] as number;
      const viewId = texts[text] as string;
      const key = this.#viewKeys[index - chunk] as Buffer;
      const isUuid = this.#keys.writeView(numbers[number] as number, viewId, key);
      values.push(
        ++position,
        numbers[number],
        numbers[number + 1],
        this.#viewerIds[index - chunk],
        this.#videoIds[index - chunk],
        key,
        isUuid ? null : viewId,
        numbers[number + 2],
        // "" is stored as nothing.
        texts[text + 3] || null,
        texts[text + 4] || null,
        texts[text + 5] || null,
        numbers[number + 4],
        progress < 0 ? null : progress,
        texts[text + 6] || null,
      );
    }
    // As arguments, not as an array: what better-sqlite3 takes out of that costs twice as much.
    return this.#insertOf(to - from).run(...values).changes;
  }

  #pushView(
    { numbers }: PackedViews,
    from: number,
    index: number,
    position: number,
    draft: Draft,
  ): void {
    const number = index * NUMBERS;
    draft.entries.pushEntry(
      position,
      numbers[number] as number,
      EntryType.VIEW,
      numbers[number + 1] as number,
      this.#viewerIds[index - from] as number,
      this.#videoIds[index - from] as number,
      numbers[number + 2] as number,
      numbers[number + 4] as number,
      0,
      numbers[number + 3] as number,
    );
  }

  /**
   * "or ignore" rather than to fail: what may fail in its middle has to keep a
   * copy of each page that it changes.
   */
  #insertOf(count: number): Statement<unknown[]> {
    return (this.#inserts[count - 1] ??= this.#db.prepare(
      `insert or ignore into entry (position, project, type, time, viewer, video, view_key, view_id,
         watch_ms, country, device, referrer, kind, value, progress, properties)
       values ${Array.from({ length: count }, () => "(?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)").join(", ")}`,
    ));
  }

  #repeat(packed: PackedViews, from: number, index: number, draft: Draft): void {
    const number = index * NUMBERS;
    const project = packed.numbers[number] as number;
    const watchMs = packed.numbers[number + 2] as number;
    const progress = packed.numbers[number + 3] as number;
    const viewer = this.#viewerIds[index - from] as number;
    const video = this.#videoIds[index - from] as number;
    const standing = this.#find.get(project, this.#viewKeys[index - from] as Buffer);
    if (standing === undefined) throw new Error("a view is in the way that is not there");
    const { erasures, removals, remover } = this.#removal;
    const isErased = erasures.isErased(standing.viewer);
    if (isErased || removals.isTrimmed(project, standing.position, standing.time)) {
      // It is as good as gone: what extended it would be left of it.
      remover.remove(standing.position, EntryType.VIEW);
      if (isErased) erasures.removed(standing.viewer, 1, 0, 0);
      if (this.#insert(packed, from, index, index + 1, draft.position) !== 1) {
        throw new Error("a view is in the way that is not there");
      }
      this.#pushView(packed, from, index, ++draft.position, draft);
      return pushReceipt(LOGGED, draft.position, draft);
    }
    if (standing.viewer !== viewer || standing.video !== video) {
      return pushReceipt(CONFLICT, standing.position, draft);
    }
    const extended = this.#findExtended.get(standing.position);
    const longestMs = extended?.longest_ms ?? standing.watch_ms;
    const furthest = extended?.furthest ?? standing.progress;
    const longer = Math.max(0, watchMs - longestMs);
    const further = progress > (furthest ?? -1);
    if (longer === 0 && !further) {
      return pushReceipt(DUPLICATE, extended?.extended_at ?? standing.position, draft);
    }
    const position = draft.position + 1;
    this.#extend.run(
      standing.position,
      longestMs + longer,
      further ? progress : furthest,
      position,
    );
    const { time, country, device, referrer, properties, kind } = standing;
    this.#insertExtension.run(
      position,
      project,
      time,
      viewer,
      video,
      longer,
      country,
      device,
      referrer,
      kind,
      further ? progress : null,
      further ? furthest : null,
      properties,
    );
    draft.position = position;
    draft.entries.pushEntry(
      position,
      project,
      EntryType.EXTEND,
      time,
      viewer,
      video,
      longer,
      kind,
      0,
      further ? progress : -1,
    );
    pushReceipt(EXTENDED, position, draft);
  }
}

function pushReceipt(outcome: number, position: number, draft: Draft): void {
  draft.receipts.push(outcome);
  draft.receipts.push(position);
}
