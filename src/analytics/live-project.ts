import { setTimeout as sleep } from "node:timers/promises";
import { DomainError, unavailable } from "../errors.ts";
import { EntryType, type Entry, type Log } from "../log/log.ts";
import { findVideos, readBases, type Base, type LiveColumns } from "./live-base.ts";
import { LiveCounter } from "./live-counter.ts";
import { NewNames } from "./live-new-names.ts";
import { LATELY_TICKS, ViewerTable } from "./live-viewers.ts";

/** What the counters of a project are fed by. */
export interface ProjectFeed {
  readonly log: Log;
  readonly columns: LiveColumns;
  /** For how long somebody is a current viewer: milliseconds. */
  readonly currentMs: number;
  /** How long the columns may take to tell what counters begin with: milliseconds. */
  readonly maxWaitMs: number;
  /** The tick that it is. */
  readonly tick: number;
  /** Begins another step, in which something changes, and tells its number. */
  nextStep(): number;
  /** Watchers have something to be told. */
  tell(): void;
  /** Waits until the entries up to a position have come. */
  reached(position: number, signal: AbortSignal): Promise<void>;
}

/** How many entries may come while the columns are asked. */
const MAX_KEPT = 200_000;
/** How long to wait when something was erased meanwhile: there may be more of it. Milliseconds. */
const PAUSE_MS = 100;
/** When to come again, of counts that cannot be read now: milliseconds. */
const RETRY_AFTER_MS = 1_000;

/** All that is watched of one project. */
export class LiveProject {
  readonly #id: number;
  readonly #feed: ProjectFeed;
  /** By the names of their videos; "" is all together. */
  readonly #counters = new Map<string, LiveCounter>();
  /** Those that count the entries which come. */
  #all: LiveCounter | undefined;
  readonly #byVideo = new Map<number, LiveCounter>();
  readonly #newNames = new NewNames();
  /** Those that have to be made, or made anew. */
  readonly #pending = new Set<LiveCounter>();
  readonly #closing = new AbortController();
  /** What came since the columns are being asked. */
  #kept: (readonly Entry[])[] | undefined;
  #keptCount = 0;
  #erasures = 0;
  #isMaking = false;

  constructor(id: number, feed: ProjectFeed) {
    this.#id = id;
    this.#feed = feed;
  }

  /** How many counters there are. */
  get size(): number {
    return this.#counters.size;
  }

  /** The counter of a video, or of all of them (""), for one more watcher. */
  take(name: string): LiveCounter {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new LiveCounter(name, this.#feed.tick);
      this.#counters.set(name, counter);
      this.#want(counter);
    }
    counter.watchers++;
    return counter;
  }

  /** One watcher less. */
  release(counter: LiveCounter): void {
    if (--counter.watchers === 0) this.#drop(counter);
  }

  /** Asks for the names of videos that are new in these entries, if somebody waits for one; undefined if not. */
  meet(entries: readonly Entry[]): Promise<void> | undefined {
    if (this.#newNames.size === 0) return undefined;
    const numbers = this.#newNames.numbersIn(entries, this.#id);
    return numbers.length === 0 ? undefined : this.#name(numbers);
  }

  /** Takes the next entry of the project. Tells whether that changed a count. */
  apply(entry: Entry, step: number): boolean {
    if (entry.type > EntryType.EXTEND) {
      if (entry.type === EntryType.ERASE || entry.type === EntryType.TRIM) this.#restart();
      return false;
    }
    // A bot's view counts nowhere here.
    if (entry.kind !== 0) return false;
    const one = this.#byVideo.get(entry.video);
    if (this.#all === undefined && one === undefined) return false;
    const ago = this.#ago(entry);
    const isNews = this.#all !== undefined && this.#all.count(entry, step, ago);
    return (one !== undefined && one.count(entry, step, ago)) || isNews;
  }

  /** How many ticks ago the viewer was there: who goes on with a view is there now. */
  #ago({ type, time }: Entry): number {
    if (type === EntryType.EXTEND) return 0;
    const tickMs = this.#feed.currentMs / LATELY_TICKS;
    return Math.max(0, Math.ceil((Date.now() - time) / tickMs));
  }

  /** These entries, of all projects, are applied. */
  applied(entries: readonly Entry[]): void {
    if (this.#kept === undefined) return;
    this.#keptCount += entries.length;
    if (this.#keptCount <= MAX_KEPT) this.#kept.push(entries);
  }

  /** The clock goes on. Tells whether that changed a count. */
  advance(tick: number, step: number): boolean {
    let isNews = false;
    for (const counter of this.#counters.values()) {
      if (counter.advance(tick, step)) isNews = true;
    }
    return isNews;
  }

  /** No counter can go on. */
  fail(error: Error): void {
    for (const counter of this.#counters.values()) this.#fail(counter, error);
  }

  /** Stops whatever runs. */
  close(): void {
    this.#closing.abort();
  }

  #want(counter: LiveCounter): void {
    this.#pending.add(counter);
    if (this.#isMaking) return;
    this.#isMaking = true;
    // When all that are wanted now are known.
    queueMicrotask(() => void this.#makeAll());
  }

  /** Something was erased: the columns know what is left. */
  #restart(): void {
    this.#erasures++;
    for (const counter of this.#counters.values()) {
      this.#detach(counter);
      counter.isReady = false;
      this.#want(counter);
    }
  }

  async #makeAll(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#pending.size > 0 && !signal.aborted) {
      const counters = [...this.#pending];
      const erasures = this.#erasures;
      try {
        const inTime = AbortSignal.timeout(this.#feed.maxWaitMs);
        await this.#make(counters, AbortSignal.any([signal, inTime]));
      } catch (error) {
        if (signal.aborted) return;
        for (const counter of counters) this.#fail(counter, failureOf(error));
      }
      this.#kept = undefined;
      for (const counter of counters) {
        // Nobody wants it any more: neither does it wait for its name.
        if (this.#counters.get(counter.name) !== counter) this.#newNames.delete(counter.name);
      }
      if (this.#erasures !== erasures) await sleep(PAUSE_MS);
    }
    this.#isMaking = false;
  }

  /** Makes counters from the columns and what comes meanwhile; does not, if that is an erasure. */
  async #make(counters: readonly LiveCounter[], signal: AbortSignal): Promise<void> {
    const { log, columns, currentMs, tick } = this.#feed;
    for (const counter of counters) this.#detach(counter);
    this.#kept = [];
    this.#keptCount = 0;
    const erasures = this.#erasures;
    // All that is written by now will be there, and so is all that was applied.
    const minPosition = log.position;
    const known = new Map<number | undefined, LiveCounter>();
    for (const counter of counters) if (counter.name === "") known.set(undefined, counter);
    await this.#find(counters, known, signal);
    const bases = await readBases(columns, {
      project: this.#id,
      counters: known,
      currentSince: Date.now() - currentMs,
      minPosition,
      signal,
      tick,
    });
    await this.#feed.reached(Math.max(0, ...bases.map(({ position }) => position)), signal);
    if (this.#erasures !== erasures) return;
    if (this.#keptCount > MAX_KEPT) throw tooSlow();
    this.#begin(counters, bases);
  }

  /** Finds the numbers of videos. Those that have none count from 0 when they get one. */
  async #find(
    counters: readonly LiveCounter[],
    known: Map<number | undefined, LiveCounter>,
    signal: AbortSignal,
  ): Promise<void> {
    const { log, columns, tick } = this.#feed;
    const named = counters.filter(({ name }) => name !== "");
    const missing = await findVideos(log, this.#id, named, known);
    if (missing.length === 0) return;
    const sql = "select max(video) as highest from view where project = ?";
    const { value } = await columns.query(sql, [this.#id], { signal });
    const highest = Number(value[0]?.["highest"] ?? 0);
    for (const counter of missing) {
      counter.restart(0, 0, new ViewerTable(tick));
      this.#newNames.add(counter, highest);
    }
    // One that got its number before it was waited for has one now.
    const late = new Map<number | undefined, LiveCounter>();
    await findVideos(log, this.#id, missing, late);
    for (const [video, counter] of late) {
      this.#detach(counter);
      known.set(video, counter);
    }
  }

  /** From here on these counters count by themselves. */
  #begin(counters: readonly LiveCounter[], bases: readonly Base[]): void {
    const { tick } = this.#feed;
    const step = this.#feed.nextStep();
    const byVideo = new Map<number | undefined, Base>();
    for (const base of bases) {
      base.viewers.advance(tick);
      base.counter.restart(base.views, base.watchMs, base.viewers);
      byVideo.set(base.video, base);
    }
    const all = byVideo.get(undefined);
    for (const entry of this.#kept?.flat() ?? []) {
      if (entry.project !== this.#id || entry.type > EntryType.EXTEND || entry.kind !== 0) continue;
      for (const base of [all, byVideo.get(entry.video)]) {
        if (base !== undefined && entry.position > base.position) {
          base.counter.count(entry, step, this.#ago(entry));
        }
      }
    }
    for (const { counter, video } of bases) this.#attach(counter, video);
    for (const counter of counters) {
      counter.isReady = true;
      counter.basedAt = step;
      this.#pending.delete(counter);
    }
    this.#feed.tell();
  }

  async #name(numbers: readonly number[]): Promise<void> {
    const names = await this.#feed.log.namesOf(this.#id, "video", numbers);
    for (const [index, video] of numbers.entries()) {
      const counter = this.#newNames.take(names[index]);
      if (counter !== undefined) this.#attach(counter, video);
    }
  }

  #attach(counter: LiveCounter, video: number | undefined): void {
    if (this.#counters.get(counter.name) !== counter) return;
    if (video === undefined) this.#all = counter;
    else this.#byVideo.set(video, counter);
    counter.video = video;
  }

  #detach(counter: LiveCounter): void {
    if (this.#all === counter) this.#all = undefined;
    if (counter.video !== undefined) this.#byVideo.delete(counter.video);
    counter.video = undefined;
    this.#newNames.delete(counter.name);
  }

  #drop(counter: LiveCounter): void {
    // Another of this name may have taken the place of one that failed.
    if (this.#counters.get(counter.name) !== counter) return;
    this.#detach(counter);
    this.#counters.delete(counter.name);
    this.#pending.delete(counter);
  }

  #fail(counter: LiveCounter, error: Error): void {
    counter.failure = error;
    this.#drop(counter);
    this.#feed.tell();
  }
}

function failureOf(error: unknown): Error {
  if (error instanceof DomainError) return error;
  if (error instanceof DOMException && error.name === "TimeoutError") return tooSlow(error);
  return error instanceof Error ? error : new Error(String(error));
}

function tooSlow(cause?: unknown): DomainError {
  return unavailable("the counts cannot be read now", RETRY_AFTER_MS, cause);
}
