import type { Database, Statement } from "better-sqlite3";
import { CONFLICT, DUPLICATE, EXTENDED, LOGGED, type Draft } from "./append.ts";
import type { ErasureWriter } from "./erasure-writer.ts";
import { EntryType } from "./log.ts";
import type { Interner } from "./names.ts";
import { NUMBERS, TEXTS, textAt, viewCount, type PackedViews } from "./packed-views.ts";

/** How many views one INSERT takes, at most: what more would save is little. */
const CHUNK = 50;

interface StandingView {
  position: number;
  time: number;
  viewer: number;
  video: number;
  longest_ms: number;
  extended_at: number;
  furthest: number | null;
  country: string | null;
  device: string | null;
  referrer: string | null;
  properties: string | null;
  kind: number;
}

/** Writes views, and what their repeats add to them, many with each statement. */
export class ViewWriter {
  readonly #db: Database;
  readonly #viewers: Interner;
  readonly #videos: Interner;
  readonly #erasures: ErasureWriter;
  readonly #remove: Statement<[number]>;
  /** The numbers of the viewers and the videos of a chunk. */
  readonly #viewerIds: number[] = [];
  readonly #videoIds: number[] = [];
  /** By how many views they insert, less one. */
  readonly #inserts: Statement<unknown[]>[] = [];
  readonly #inserted: Statement<[number, number], number>;
  readonly #find: Statement<[number, string], StandingView>;
  readonly #extend: Statement<unknown[]>;
  readonly #insertExtension: Statement<unknown[]>;

  constructor(db: Database, viewers: Interner, videos: Interner, erasures: ErasureWriter) {
    this.#db = db;
    this.#erasures = erasures;
    this.#remove = db.prepare("delete from entry where position = ?");
    this.#viewers = viewers;
    this.#videos = videos;
    this.#inserted = db
      .prepare<[number, number], number>(
        "select position from entry where position > ? and position <= ?",
      )
      .pluck();
    this.#find = db.prepare(
      `select position, time, viewer, video, max(watch_ms, longest_ms) as longest_ms,
              iif(extended_at = 0, position, extended_at) as extended_at,
              coalesce(furthest, progress) as furthest,
              country, device, referrer, properties, kind
       from entry where project = ? and view_id = ? and type = 1`,
    );
    this.#extend = db.prepare(
      "update entry set longest_ms = ?, furthest = ?, extended_at = ? where position = ?",
    );
    this.#insertExtension = db.prepare(
      `insert into entry (position, project, type, time, viewer, video, watch_ms, longest_ms,
         extended_at, country, device, referrer, kind, value, progress, progress_before, properties)
       values (?, ?, 2, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, 0, ?, ?, ?)`,
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
      this.#videoIds[index - from] = this.#videos.intern(project, textAt(packed, index, 1));
      this.#viewerIds[index - from] = this.#viewers.intern(project, textAt(packed, index, 2));
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
      values.push(
        ++position,
        numbers[number],
        numbers[number + 1],
        this.#viewerIds[index - chunk],
        this.#videoIds[index - chunk],
        texts[text],
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
    return this.#insertOf(to - from).run(values).changes;
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
    );
  }

  /**
   * "or ignore" rather than to fail: what may fail in its middle has to keep a
   * copy of each page that it changes.
   */
  #insertOf(count: number): Statement<unknown[]> {
    return (this.#inserts[count - 1] ??= this.#db.prepare(
      `insert or ignore into entry (position, project, type, time, viewer, video, view_id, watch_ms,
         longest_ms, extended_at, country, device, referrer, kind, value, progress, properties)
       values ${Array.from({ length: count }, () => "(?, ?, 1, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, 0, ?, ?)").join(", ")}`,
    ));
  }

  #repeat(packed: PackedViews, from: number, index: number, draft: Draft): void {
    const number = index * NUMBERS;
    const project = packed.numbers[number] as number;
    const watchMs = packed.numbers[number + 2] as number;
    const progress = packed.numbers[number + 3] as number;
    const viewer = this.#viewerIds[index - from] as number;
    const video = this.#videoIds[index - from] as number;
    const standing = this.#find.get(project, textAt(packed, index, 0));
    if (standing === undefined) throw new Error("a view is in the way that is not there");
    if (this.#erasures.isErased(standing.viewer)) {
      // It is as good as gone.
      this.#remove.run(standing.position);
      this.#erasures.removed(standing.viewer, 1, 0, 0);
      if (this.#insert(packed, from, index, index + 1, draft.position) !== 1) {
        throw new Error("a view is in the way that is not there");
      }
      this.#pushView(packed, from, index, ++draft.position, draft);
      return pushReceipt(LOGGED, draft.position, draft);
    }
    if (standing.viewer !== viewer || standing.video !== video) {
      return pushReceipt(CONFLICT, standing.position, draft);
    }
    const longer = Math.max(0, watchMs - standing.longest_ms);
    const further = progress > (standing.furthest ?? -1);
    if (longer === 0 && !further) {
      return pushReceipt(DUPLICATE, standing.extended_at, draft);
    }
    const position = draft.position + 1;
    this.#extend.run(
      standing.longest_ms + longer,
      further ? progress : standing.furthest,
      position,
      standing.position,
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
      further ? standing.furthest : null,
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
    );
    pushReceipt(EXTENDED, position, draft);
  }
}

function pushReceipt(outcome: number, position: number, draft: Draft): void {
  draft.receipts.push(outcome);
  draft.receipts.push(position);
}
