import { EntryType, type Entry } from "../log/log.ts";
import { LATELY_TICKS, ViewerTable } from "./live-viewers.ts";

/** What watchers are told of a video, or of all of them. */
export interface LiveCounts {
  /** "" for all videos together. */
  readonly name: string;
  readonly views: number;
  readonly uniqueViewers: number;
  readonly watchMs: number;
  readonly currentViewers: number;
}

/** The counts of a video, or of all of them, for everybody who watches it. */
export class LiveCounter {
  /** "" for all videos together. */
  readonly name: string;
  /** How many watch it. */
  watchers = 0;
  /** The number of the video; undefined for all, and while it is not known. */
  video: number | undefined;
  /** Whether it has all views so far, and gets those that come. */
  isReady = false;
  /** Why it never will, or no more. */
  failure: Error | undefined;
  /** When it was made, or made anew, by the feed's count of steps. */
  basedAt = 0;
  /** When it changed last, by the same. */
  changedAt = 0;
  views = 0;
  watchMs = 0;
  viewers: ViewerTable;

  constructor(name: string, tick: number) {
    this.name = name;
    this.viewers = new ViewerTable(tick);
  }

  /** Begins anew, with what was counted elsewhere. */
  restart(views: number, watchMs: number, viewers: ViewerTable): void {
    this.views = views;
    this.watchMs = watchMs;
    this.viewers = viewers;
  }

  /**
   * Counts a VIEW or an EXTEND of a person. Tells whether that changed anything.
   *
   * @param ago how many ticks ago the viewer was there.
   */
  count(entry: Entry, step: number, ago: number): boolean {
    const { viewer, watchMs } = entry;
    let changed = false;
    // Somebody may have been seen last so long ago that they are new again.
    if (viewer !== 0 && ago <= LATELY_TICKS) changed = this.viewers.see(viewer, ago);
    else if (viewer !== 0) this.viewers.add(viewer);
    if (entry.type === EntryType.VIEW) {
      this.views++;
      changed = true;
    }
    if (watchMs !== 0) {
      this.watchMs += watchMs;
      changed = true;
    }
    if (changed) this.changedAt = step;
    return changed;
  }

  /** The clock goes on, and with it who was seen lately. Tells whether that changed anything. */
  advance(tick: number, step: number): boolean {
    const changed = this.viewers.advance(tick);
    if (changed) this.changedAt = step;
    return changed;
  }

  /** What it has now. */
  get counts(): LiveCounts {
    return {
      name: this.name,
      views: this.views,
      uniqueViewers: this.viewers.size,
      watchMs: this.watchMs,
      currentViewers: this.viewers.lately,
    };
  }
}
