import { parentPort, Worker, workerData, type Transferable } from "node:worker_threads";

/**
 * Worker threads with typed calls: one side serves an object of functions, the
 * other calls them and gets promises. What is passed is cloned.
 */

type Method = (...args: never[]) => unknown;

/** The functions that a thread serves. Interfaces fit, so no index signature. */
type Methods<Api> = { [K in keyof Api]: Method };

interface CallMessage {
  id: number;
  method: string;
  args: unknown[];
}

type ReplyMessage =
  | { id: number; value: unknown }
  | { id: number; error: Error; code: string | undefined }
  | { event: unknown };

/** Wraps a value to say what of it is moved to the other thread, not cloned. */
export class Moved<T> {
  readonly value: T;
  readonly transfer: readonly Transferable[];

  constructor(value: T, transfer: readonly Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

type Unmoved<T> = T extends Moved<infer V> ? V : T;

export interface ThreadOptions<Event> {
  /** For logs and debuggers. */
  name: string;
  /** What the thread gets to begin with; `threadData()` there. */
  data: unknown;
  /** Called with what the thread sends by itself. */
  onEvent?: (event: Event) => void;
  /** Called when the thread ends though nobody closed it. */
  onDeath?: (error: Error) => void;
}

/** A running thread, from outside. */
export class Thread<Api extends Methods<Api>, Event = never> {
  readonly #worker: Worker;
  readonly #name: string;
  readonly #waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >();
  #nextId = 0;
  #closing = false;
  #failure: Error | undefined;

  constructor(script: URL, options: ThreadOptions<Event>) {
    this.#name = options.name;
    this.#worker = new Worker(script, { workerData: options.data, name: options.name });
    this.#worker.on("message", (message: ReplyMessage) => {
      if ("event" in message) {
        options.onEvent?.(message.event as Event);
        return;
      }
      const waiter = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      // Of an error, cloning keeps only what every error has.
      if ("error" in message) waiter?.reject(Object.assign(message.error, { code: message.code }));
      else waiter?.resolve(message.value as never);
    });
    this.#worker.on("error", (error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
    this.#worker.on("exit", () => {
      const failure = this.#failure ?? new Error(`the thread "${this.#name}" ended`);
      this.#failure = failure;
      for (const waiter of this.#waiting.values()) waiter.reject(failure);
      this.#waiting.clear();
      if (!this.#closing) options.onDeath?.(failure);
    });
  }

  /** Calls a function of the thread. Rejects with its error, or when the thread ends first. */
  call<K extends keyof Api & string>(
    method: K,
    ...args: Parameters<Api[K]>
  ): Promise<Unmoved<Awaited<ReturnType<Api[K]>>>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, args } satisfies CallMessage);
    });
  }

  /** Ends the thread at once. What it must still do is done in a call before. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#worker.terminate();
  }
}

/** Inside a thread: what its creator passed as `data`. */
export function threadData<T>(): T {
  return workerData as T;
}

/** Inside a thread: sends an event to its creator. */
export function sendEvent(event: unknown): void {
  parentPort?.postMessage({ event });
}

/** Inside a thread: serves these functions to its creator, in the order of the calls. */
export function serveThread<Api extends Methods<Api>>(api: Api): void {
  const port = parentPort;
  if (port === null) throw new Error("serveThread belongs into a worker thread");
  port.on("message", async ({ id, method, args }: CallMessage) => {
    try {
      const result = await api[method as keyof Api](...(args as never[]));
      if (result instanceof Moved) {
        port.postMessage({ id, value: result.value }, result.transfer);
      } else {
        port.postMessage({ id, value: result });
      }
    } catch (error) {
      port.postMessage({ id, ...cloneable(error) } satisfies ReplyMessage);
    }
  });
}

/** An error as another thread can get it: its cause may be anything, and stays here. */
function cloneable(error: unknown): { error: Error; code: string | undefined } {
  const given = error instanceof Error ? error : new Error(String(error));
  const { message, stack, code } = given as Error & { readonly code?: unknown };
  const copy = new Error(message);
  if (stack !== undefined) copy.stack = stack;
  return { error: copy, code: typeof code === "string" ? code : undefined };
}
