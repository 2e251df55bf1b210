import {
  receiveMessageOnPort,
  MessageChannel,
  Worker,
  type MessagePort,
} from "node:worker_threads";
import { Arena } from "../kernels/arena.ts";
import { openKernels, type Kernels } from "../kernels/kernels.ts";
import type { SharedMemory } from "../kernels/webassembly.ts";
import { tasks, type TaskArguments, type TaskName } from "./tasks.ts";

/** Tells how much is done, from 0 to 1. */
export type OnProgress = (progress: number) => void;

/** Is told of a task that is done, and how long that took, in milliseconds. */
export type OnTask = (name: TaskName, ms: number) => void;

/** What one thread of a team works with. */
interface Hand {
  readonly arena: Arena;
  readonly kernels: Kernels;
  /** Memory of its own for the task at hand, as much as was asked for. */
  readonly scratch: number;
}

/** Prepares to do a task; the result does its rows from `from` to before `to`. */
export type Task<Arguments> = (hand: Hand, args: Arguments) => (from: number, to: number) => void;

/** The numbers that the threads of a team share, and their places. */
const Place = { GENERATION: 0, NEXT: 1, RUNNING: 2, FAILED: 3, SIZE: 4 } as const;

/** A task, as a thread is told of it. */
interface Job {
  readonly name: TaskName;
  readonly args: unknown;
  readonly rows: number;
  readonly chunk: number;
  readonly scratch: number;
}

/** What a helping thread gets to begin with. */
export interface HelperData {
  readonly memory: SharedMemory;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly port: MessagePort;
}

/** How a task is spread. */
export interface Spread {
  readonly rows: number;
  /** How many rows a thread takes at once. */
  readonly chunk: number;
  /** How many 32-bit elements of memory each thread gets. Default 0. */
  readonly scratch?: number;
  readonly onProgress?: OnProgress;
}

/**
 * Threads that do the rows of a task together, on one shared memory. Each row is
 * done by one thread, in an order of its own, so that what comes out is the same
 * bits whatever the number of threads. The thread that owns the team works too.
 */
export class Team {
  readonly arena = new Arena();
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * Place.SIZE));
  readonly #helpers: { worker: Worker; port: MessagePort }[] = [];
  readonly #kernels: Kernels;
  readonly #onTask: OnTask;
  #failure: Promise<never>;
  #fail!: (error: Error) => void;

  /**
   * @param threads How many threads there are, this one included; at least 1.
   * @param onTask Told how long each task took, in milliseconds.
   */
  constructor(threads: number, onTask: OnTask = () => {}) {
    this.#onTask = onTask;
    this.#kernels = openKernels(this.arena.memory);
    this.#failure = new Promise((_, reject) => (this.#fail = reject));
    this.#failure.catch(() => {});
    for (let helper = 1; helper < threads; helper++) this.#hire();
  }

  /** Does all rows of a task. Rejects when a thread fails. */
  async run<Name extends TaskName>(
    name: Name,
    args: TaskArguments<Name>,
    { rows, chunk, scratch = 0, onProgress = () => {} }: Spread,
  ): Promise<void> {
    const control = this.#control;
    const begun = performance.now();
    const { end } = this.arena;
    const members = this.#helpers.length + 1;
    // Before anybody begins: a memory that grows has another buffer afterwards.
    const pointers = Array.from({ length: members }, () => this.arena.alloc(scratch));
    Atomics.store(control, Place.NEXT, 0);
    Atomics.store(control, Place.RUNNING, this.#helpers.length);
    for (const [index, { port }] of this.#helpers.entries()) {
      const own = pointers[index + 1] as number;
      port.postMessage({ name, args, rows, chunk, scratch: own } satisfies Job);
    }
    Atomics.add(control, Place.GENERATION, 1);
    Atomics.notify(control, Place.GENERATION);
    const hand = { arena: this.arena, kernels: this.#kernels, scratch: pointers[0] as number };
    work(control, hand, { name, args, rows, chunk, scratch: hand.scratch }, onProgress);
    await this.#allDone();
    this.arena.release(end);
    onProgress(1);
    this.#onTask(name, performance.now() - begun);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.#helpers.map(({ worker }) => worker.terminate()));
  }

  async #allDone(): Promise<void> {
    for (;;) {
      const running = Atomics.load(this.#control, Place.RUNNING);
      if (running === 0) break;
      // Not blocking: a helper that dies is an event of this thread.
      const changed = Atomics.waitAsync(this.#control, Place.RUNNING, running);
      if (changed.async) await Promise.race([changed.value, this.#failure]);
    }
    if (Atomics.load(this.#control, Place.FAILED) !== 0) await this.#failure;
  }

  #hire(): void {
    const { port1, port2 } = new MessageChannel();
    const data: HelperData = { memory: this.arena.memory, control: this.#control, port: port2 };
    const worker = new Worker(new URL("./helper-thread.ts", import.meta.url), {
      workerData: data,
      transferList: [port2],
      name: "training helper",
    });
    worker.on("error", (error) => this.#fail(error as Error));
    worker.on("exit", () => this.#fail(new Error("a helper of the training ended")));
    port1.unref();
    this.#helpers.push({ worker, port: port1 });
  }
}

/** Inside a helper: does its part of every task, until the thread is ended. */
export function help({ memory, control, port }: HelperData): void {
  const kernels = openKernels(memory);
  for (let generation = 0; ; generation++) {
    const message = nextJob(control, port, generation);
    // The memory may have grown meanwhile, which this thread must notice.
    memory.grow(0);
    try {
      const hand = { arena: new Arena(memory), kernels, scratch: message.scratch };
      work(control, hand, message, () => {});
    } catch (error) {
      Atomics.store(control, Place.FAILED, 1);
      throw error;
    } finally {
      Atomics.sub(control, Place.RUNNING, 1);
      Atomics.notify(control, Place.RUNNING);
    }
  }
}

/**
 * Waits for the job that comes after so many. A wait may end for no reason, and
 * the port be a little later than the number of jobs: seen on a busy machine,
 * where a training failed for want of a message that was sent.
 */
function nextJob(
  control: Int32Array<SharedArrayBuffer>,
  port: MessagePort,
  generation: number,
): Job {
  for (;;) {
    Atomics.wait(control, Place.GENERATION, generation);
    const received = receiveMessageOnPort(port) as { message: Job } | undefined;
    if (received !== undefined) return received.message;
    Atomics.wait(nap, 0, 0, NAP_MS);
  }
}

/** Nobody changes it, or wakes who waits for it. */
const nap = new Int32Array(new SharedArrayBuffer(4));
const NAP_MS = 1;

/** Does rows that nobody has taken yet, until there are none. */
function work(
  control: Int32Array<SharedArrayBuffer>,
  hand: Hand,
  { name, args, rows, chunk }: Job,
  onProgress: OnProgress,
): void {
  const run = (tasks[name] as Task<unknown>)(hand, args);
  for (;;) {
    const from = Atomics.add(control, Place.NEXT, chunk);
    if (from >= rows) return;
    onProgress(from / rows);
    run(from, Math.min(rows, from + chunk));
  }
}
