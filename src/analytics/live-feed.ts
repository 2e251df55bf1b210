import { setImmediate } from "node:timers/promises";
import { serverStopping, unavailable } from "../errors.ts";
import type { Entry, Log } from "../log/log.ts";
import { PositionGate } from "../log/position-gate.ts";
import { Alarm } from "./live-alarm.ts";
import type { LiveColumns } from "./live-base.ts";
import { LiveProject, type ProjectFeed } from "./live-project.ts";
import { LATELY_TICKS } from "./live-viewers.ts";

export interface LiveFeedOptions {
  readonly log: Log;
  readonly columns: LiveColumns;
  /** For how long somebody is a current viewer: milliseconds. */
  readonly currentMs: number;
  /** How long the columns may take to tell what counters begin with: milliseconds. */
  readonly maxWaitMs: number;
}

/** How long changes may wait for others, before watchers are told: milliseconds. */
const GATHER_MS = 10;
const RETRY_AFTER_MS = 1_000;

/**
 * Brings the entries of the log to what counts them, for as long as anything
 * does; one follower of the log for all of it.
 */
export class LiveFeed implements ProjectFeed {
  readonly log: Log;
  readonly columns: LiveColumns;
  readonly currentMs: number;
  readonly maxWaitMs: number;
  /** Wakes watchers. */
  readonly alarm = new Alarm();
  readonly #tickMs: number;
  readonly #projects = new Map<number, LiveProject>();
  #following: AbortController | undefined;
  #gate = new PositionGate();
  #step = 1;
  #newsAt = 0;

  constructor({ log, columns, currentMs, maxWaitMs }: LiveFeedOptions) {
    this.log = log;
    this.columns = columns;
    this.currentMs = currentMs;
    this.maxWaitMs = maxWaitMs;
    this.#tickMs = currentMs / LATELY_TICKS;
  }

  /** Up to where counters have the log. */
  get position(): number {
    return this.#gate.position;
  }

  /** The number of the last step. */
  get step(): number {
    return this.#step;
  }

  /** The last step in which a counter changed. */
  get newsAt(): number {
    return this.#newsAt;
  }

  get tick(): number {
    return Math.floor(performance.now() / this.#tickMs);
  }

  /** How many counters there are. */
  get size(): number {
    let size = 0;
    for (const project of this.#projects.values()) size += project.size;
    return size;
  }

  nextStep(): number {
    return ++this.#step;
  }

  tell(): void {
    this.nextStep();
    this.#changed(0);
  }

  reached(position: number, signal: AbortSignal): Promise<void> {
    return this.#gate.reached(position, signal);
  }

  /** What is watched of a project, to take counters of. */
  project(id: number): LiveProject {
    let project = this.#projects.get(id);
    if (project === undefined) {
      project = new LiveProject(id, this);
      this.#projects.set(id, project);
    }
    if (this.#following === undefined) this.#start();
    return project;
  }

  /** Stops, when nothing is left to count. */
  tidy(): void {
    for (const [id, project] of this.#projects) {
      if (project.size > 0) continue;
      project.close();
      this.#projects.delete(id);
    }
    if (this.#projects.size > 0) return;
    this.#following?.abort();
    this.#following = undefined;
  }

  #start(): void {
    const following = new AbortController();
    this.#following = following;
    this.#gate = new PositionGate();
    this.#gate.reach(this.log.position);
    void this.#run(this.#gate, following.signal);
    const ticking = setInterval(() => this.#advance(), this.#tickMs).unref();
    following.signal.addEventListener("abort", () => clearInterval(ticking));
  }

  async #run(gate: PositionGate, signal: AbortSignal): Promise<void> {
    let failure = serverStopping();
    try {
      for await (const entries of this.log.follow(gate.position, signal)) {
        await this.#meet(entries);
        if (signal.aborted) return;
        this.#apply(entries);
        gate.reach(entries.at(-1)?.position ?? gate.position);
        // Requests have their turn between two batches.
        if (gate.position < this.log.position) await setImmediate();
      }
    } catch (error) {
      failure = unavailable("the log cannot be read", RETRY_AFTER_MS, error);
    }
    if (signal.aborted) return;
    gate.fail(failure);
    for (const project of this.#projects.values()) project.fail(failure);
  }

  async #meet(entries: readonly Entry[]): Promise<void> {
    for (const project of this.#projects.values()) await project.meet(entries);
  }

  #apply(entries: readonly Entry[]): void {
    const step = this.nextStep();
    let isNews = false;
    let id = -1;
    let project: LiveProject | undefined;
    for (const entry of entries) {
      if (entry.project !== id) {
        id = entry.project;
        project = this.#projects.get(id);
      }
      if (project !== undefined && project.apply(entry, step)) isNews = true;
    }
    for (const one of this.#projects.values()) one.applied(entries);
    if (isNews) this.#changed(GATHER_MS);
  }

  #advance(): void {
    const { tick } = this;
    const step = this.nextStep();
    let isNews = false;
    for (const project of this.#projects.values()) {
      if (project.advance(tick, step)) isNews = true;
    }
    if (isNews) this.#changed(0);
  }

  #changed(inMs: number): void {
    this.#newsAt = this.#step;
    this.alarm.ring(inMs);
  }
}
