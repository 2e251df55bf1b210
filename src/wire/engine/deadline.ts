import { Code, ConnectError } from "@connectrpc/connect";

/** What is in a list of deadlines. */
export interface DeadlineEntry {
  /** Of performance.now(). */
  deadline: number;
  before: DeadlineEntry | undefined;
  after: DeadlineEntry | undefined;
  /** Called when it is past. */
  expire(): void;
}

/**
 * Deadlines that are all the same time away when they are set, so that the
 * first to be set is the first to expire: one timer serves them all. A timer
 * for each costs as much as to decode a message.
 */
export class DeadlineList {
  readonly #ms: number;
  #first: DeadlineEntry | undefined;
  #last: DeadlineEntry | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param ms how far away they are, in milliseconds: at most what a timer can wait for. */
  constructor(ms: number) {
    this.#ms = Math.min(ms, maxTimerMs);
  }

  /** Sets the deadline of an entry that is in no list. */
  add(entry: DeadlineEntry, now: number): void {
    entry.deadline = now + this.#ms;
    entry.before = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.after = entry;
    this.#last = entry;
    // Most entries are gone long before: the timer then waits for those that came after them.
    if (this.#timer === undefined) this.#wait(this.#ms);
  }

  /** Takes out an entry of this list. */
  delete(entry: DeadlineEntry): void {
    const { before, after } = entry;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    entry.before = undefined;
    entry.after = undefined;
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(this.#expire, ms).unref();
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (let first = this.#first; first !== undefined; first = this.#first) {
      if (first.deadline > now) {
        this.#wait(Math.ceil(first.deadline - now));
        return;
      }
      this.delete(first);
      first.expire();
    }
  };
}

/** The longest time a timer of Node.js can wait: one that is longer fires at once. */
const maxTimerMs = 2_147_483_647;

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * The time that a client gives a call, in milliseconds: at most what a timer
 * can wait for, which is 24 days. Undefined if it says none.
 *
 * @throws ConnectError invalid_argument
 */
export function clientTimeoutMs(value: string | undefined, isGrpc: boolean): number | undefined {
  if (value === undefined) return undefined;
  const ms = isGrpc ? grpcTimeoutMs(value) : connectTimeoutMs(value);
  if (ms === undefined) {
    const name = isGrpc ? "grpc-timeout" : "connect-timeout-ms";
    const form = isGrpc ? "at most 8 digits and a unit, such as 500m" : "milliseconds, such as 500";
    throw new ConnectError(
      `${name} ${JSON.stringify(value)} is invalid: it must be ${form}`,
      Code.InvalidArgument,
    );
  }
  return Math.min(ms, maxTimerMs);
}

function connectTimeoutMs(value: string): number | undefined {
  return /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}

/** What a header grpc-timeout says, in milliseconds; undefined if it is not well-formed. */
export function grpcTimeoutMs(value: string): number | undefined {
  const unit = unitMs[value.slice(-1)];
  const digits = value.slice(0, -1);
  return unit !== undefined && /^\d{1,8}$/.test(digits) ? Number(digits) * unit : undefined;
}
