import { setImmediate } from "node:timers/promises";
import type { Log } from "../log/log.ts";
import type { AnsweredQueries, LiveCount } from "./columns/columns.ts";
import type { LiveCounter } from "./live-counter.ts";
import { LATELY_TICKS, ViewerTable } from "./live-viewers.ts";

/** What live counts ask the columns. */
export type LiveColumns = Pick<AnsweredQueries, "liveSnapshot" | "query">;

/** What a counter begins with: the log up to a position. */
export interface Base {
  readonly counter: LiveCounter;
  readonly video: number | undefined;
  readonly position: number;
  readonly views: number;
  readonly watchMs: number;
  readonly viewers: ViewerTable;
}

/** What to count from the columns. */
export interface BaseQuery {
  readonly project: number;
  /** By the numbers of their videos; undefined is all together. */
  readonly counters: ReadonlyMap<number | undefined, LiveCounter>;
  /** From when on views are those of current viewers: milliseconds since 1970. */
  readonly currentSince: number;
  readonly minPosition: number;
  readonly signal: AbortSignal;
  /** The tick that it is. */
  readonly tick: number;
}

/** So many steps are taken at once, before others have their turn: a millisecond or so. */
const SLICE = 50_000;
/** To look a name up takes as long as so many steps. */
const LOOK_UP_STEPS = 500;

/** Counts what is in the columns. */
export async function readBases(columns: LiveColumns, query: BaseQuery): Promise<Base[]> {
  const { project, currentSince, signal, minPosition } = query;
  const videos = [...query.counters.keys()].filter((video) => video !== undefined);
  const ask = (which: readonly number[] | undefined): ReturnType<LiveColumns["liveSnapshot"]> =>
    columns.liveSnapshot(project, which, currentSince, { signal, minPosition });
  const asked = [
    ...(query.counters.has(undefined) ? [ask(undefined)] : []),
    ...(videos.length > 0 ? [ask(videos)] : []),
  ];
  const bases: Base[] = [];
  const turn = new Turn();
  for (const { position, counts } of await Promise.all(asked)) {
    for (const count of counts) {
      const counter = query.counters.get(count.video);
      if (counter === undefined) continue;
      const { video, views, watchMs } = count;
      const viewers = await viewersOf(count, counter, query.tick, turn);
      bases.push({ counter, video, position, views, watchMs, viewers });
    }
  }
  return bases;
}

/** Looks up the numbers of videos; tells the counters of those that have none. */
export async function findVideos(
  log: Log,
  project: number,
  counters: readonly LiveCounter[],
  found: Map<number | undefined, LiveCounter>,
): Promise<LiveCounter[]> {
  const missing: LiveCounter[] = [];
  const turn = new Turn();
  for (const counter of counters) {
    const video = await log.findName(project, "video", counter.name);
    if (video === undefined) missing.push(counter);
    else found.set(video, counter);
    await turn.taken(LOOK_UP_STEPS);
  }
  return missing;
}

/**
 * The viewers that a counter begins with. When it is made anew it knows better
 * than the columns when it saw them last. Of one that is new, the columns only
 * tell who began a view lately: when they were seen last is taken to be spread
 * evenly over that time, so that their number falls as it would have.
 */
async function viewersOf(
  { viewers, current }: LiveCount,
  counter: LiveCounter,
  tick: number,
  turn: Turn,
): Promise<ViewerTable> {
  let largest = 0;
  await turn.each(viewers, (viewer) => {
    if (viewer > largest) largest = viewer;
  });
  const table = new ViewerTable(tick);
  table.reserve(viewers.length, largest);
  const before = counter.basedAt > 0 ? counter.viewers : undefined;
  await turn.each(viewers, (viewer) => {
    table.add(viewer);
    const ago = before?.seenAgo(viewer);
    if (ago !== undefined) table.see(viewer, ago);
  });
  if (before !== undefined) return table;
  await turn.each(current, (viewer, index) => {
    table.see(viewer, Math.floor((index * LATELY_TICKS) / current.length));
  });
  return table;
}

/** A long work in the thread that serves requests, which lets others in between. */
class Turn {
  #steps = 0;

  /** Does something with each number. */
  async each(numbers: Int32Array, step: (value: number, index: number) => void): Promise<void> {
    for (let from = 0; from < numbers.length; from += SLICE) {
      const to = Math.min(from + SLICE, numbers.length);
      for (let index = from; index < to; index++) step(numbers[index] as number, index);
      await this.taken(to - from);
    }
  }

  /** So many steps are done. */
  async taken(steps: number): Promise<void> {
    this.#steps += steps;
    if (this.#steps < SLICE) return;
    this.#steps = 0;
    await setImmediate();
  }
}
