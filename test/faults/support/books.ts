import { create } from "@bufbuild/protobuf";
import { timestampFromMs, durationFromMs } from "@bufbuild/protobuf/wkt";
import { LogViewRequestSchema } from "../../../gen/analytics/v1/ingestion_pb.js";
import type { LogViewRequest } from "../../../gen/analytics/v1/ingestion_pb.js";
import type { Dice } from "./dice.ts";

/** What the watch of a view and its progress, in thousandths, grow by with each heartbeat. */
const BEAT_MS = 1_000;
const BEAT_PROGRESS = 100;
const MAX_BEATS = 9;
const VIDEOS = 12;
const VIEWERS = 300;
const BEGINNING = Date.UTC(2026, 0, 1);

/** A view as the test knows it. Heartbeats are counted from 0. */
export interface SentView {
  readonly viewId: string;
  readonly video: string;
  /** "" for nobody. */
  readonly viewer: string;
  /** When it began: of each view its own, which tells its extensions in the log from others. */
  readonly time: number;
  /** The latest heartbeat that was sent, and the latest that was acknowledged; -1 for none. */
  sent: number;
  acknowledged: number;
  /** Where it was logged, if that was said. */
  position: bigint | undefined;
}

/** A view that is on its way, with the heartbeat that it brings. */
export interface Sending {
  readonly view: SentView;
  readonly beat: number;
}

/** The watch of a view after a heartbeat. */
export function watchMsAt(beat: number): number {
  return (beat + 1) * BEAT_MS;
}

/** The progress of a view after a heartbeat, in thousandths. */
export function progressAt(beat: number): number {
  return (beat + 1) * BEAT_PROGRESS;
}

export function requestOf({ view, beat }: Sending): LogViewRequest {
  return create(LogViewRequestSchema, {
    viewId: view.viewId,
    videoName: view.video,
    viewerId: view.viewer,
    startTime: timestampFromMs(view.time),
    watchDuration: durationFromMs(watchMsAt(beat)),
    progress: progressAt(beat) / 1_000,
    country: "NL",
  });
}

/**
 * All that was ever sent to a server, and what was acknowledged of it: what the
 * server has to agree with, however often it dies.
 */
export class Books {
  readonly views = new Map<string, SentView>();
  readonly #dice: Dice;
  readonly #all: SentView[] = [];
  readonly #unsettled: SentView[] = [];

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  get acknowledged(): SentView[] {
    return this.#all.filter(({ acknowledged }) => acknowledged >= 0);
  }

  /** The next views to send: new ones, those that were not acknowledged, and some that were. */
  take(count: number): Sending[] {
    return Array.from({ length: count }, () => {
      if (this.#dice.chance(0.7)) {
        const unsettled = this.#unsettled.pop();
        if (unsettled !== undefined) return { view: unsettled, beat: unsettled.sent };
      }
      const again = this.#dice.chance(0.15)
        ? this.#all[this.#dice.below(this.#all.length)]
        : undefined;
      return again === undefined ? this.#newView() : this.#heartbeat(again);
    });
  }

  /** What is not acknowledged; from here on only the caller sends it. */
  takeUnsettled(): Sending[] {
    this.#unsettled.length = 0;
    return this.#all
      .filter(({ acknowledged, sent }) => acknowledged < sent)
      .map((view) => ({ view, beat: view.sent }));
  }

  /** The server answered that these are on disk. */
  settle(sendings: readonly Sending[]): void {
    for (const { view, beat } of sendings) view.acknowledged = Math.max(view.acknowledged, beat);
  }

  /** Nobody knows what became of these. */
  unsettle(sendings: readonly Sending[]): void {
    for (const { view, beat } of sendings) if (view.acknowledged < beat) this.#unsettled.push(view);
  }

  #newView(): Sending {
    const number = this.#all.length;
    const view: SentView = {
      viewId: `view-${number}`,
      video: `video-${this.#dice.below(VIDEOS)}`,
      viewer: this.#dice.chance(0.1) ? "" : `viewer-${this.#dice.below(VIEWERS)}`,
      time: BEGINNING + number,
      sent: 0,
      acknowledged: -1,
      position: undefined,
    };
    this.#all.push(view);
    this.views.set(view.viewId, view);
    return { view, beat: 0 };
  }

  /** The same again, or with more to say. */
  #heartbeat(view: SentView): Sending {
    if (this.#dice.chance(0.7) && view.sent < MAX_BEATS) view.sent++;
    return { view, beat: view.sent };
  }
}
