import type { Database, Statement } from "better-sqlite3";
import type { Draft } from "./append.ts";
import { EntryType, type NewFeedback } from "./log.ts";
import type { Interner } from "./interner.ts";
import type { Remover } from "./remover.ts";

interface StandingFeedback {
  position: number;
  time: number;
  value: number;
}

/** Writes feedback, in place of what it supersedes. */
export class FeedbackWriter {
  readonly #viewers: Interner;
  readonly #videos: Interner;
  readonly #find: Statement<[number, number, number, number], StandingFeedback>;
  readonly #remover: Remover;
  readonly #insert: Statement<unknown[]>;

  constructor(db: Database, viewers: Interner, videos: Interner, remover: Remover) {
    this.#viewers = viewers;
    this.#videos = videos;
    this.#find = db.prepare(
      `select position, time, value from entry
       where project = ? and viewer = ? and video = ? and kind = ? and type = 3`,
    );
    this.#remover = remover;
    this.#insert = db.prepare(
      `insert into entry (position, project, type, time, viewer, video, watch_ms,
         kind, value)
       values (?, ?, 3, ?, ?, ?, 0, ?, ?)`,
    );
  }

  /** Writes the feedback of one append. */
  write(project: number, feedback: readonly NewFeedback[], draft: Draft): void {
    let recorded = 0;
    for (const given of latestOf(feedback)) {
      const viewer = this.#viewers.intern(project, given.viewer);
      const video = this.#videos.intern(project, given.video);
      const standing = this.#find.get(project, viewer, video, given.kind);
      if (standing !== undefined) {
        if (stands(standing, given)) continue;
        this.#remover.remove(standing.position, EntryType.FEEDBACK);
      }
      const { kind, value } = given;
      const position = ++draft.position;
      const time = given.time ?? Math.max(Date.now(), standing?.time ?? 0);
      this.#insert.run(position, project, time, viewer, video, kind, value);
      const type = EntryType.FEEDBACK;
      draft.entries.pushEntry(position, project, type, time, viewer, video, 0, kind, value, -1);
      recorded++;
    }
    draft.receipts.push(recorded);
    draft.receipts.push(feedback.length - recorded);
    draft.receipts.push(draft.position);
  }
}

/**
 * Of feedback of the same viewer, video and kind, what stands after all of it:
 * so that the same request, sent again, finds it standing.
 */
function latestOf(feedback: readonly NewFeedback[]): Iterable<NewFeedback> {
  const latest = new Map<string, NewFeedback>();
  for (const given of feedback) {
    const key = JSON.stringify([given.viewer, given.video, given.kind]);
    const before = latest.get(key);
    if (before === undefined || timeOf(given) >= timeOf(before)) latest.set(key, given);
  }
  return latest.values();
}

/** What has no time is given now: later than all that has one. */
function timeOf(feedback: NewFeedback): number {
  return feedback.time ?? Infinity;
}

/** Whether feedback changes nothing where other feedback stands. */
function stands(standing: StandingFeedback, given: NewFeedback): boolean {
  if (given.time === undefined) return given.value === standing.value;
  if (given.time === standing.time) return given.value === standing.value;
  return given.time < standing.time;
}
