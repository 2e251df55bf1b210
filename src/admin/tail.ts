import type { Caller } from "../caller.ts";
import { invalidField, serverStopping } from "../errors.ts";
import type { FullEntry, Log } from "../log/log.ts";

export interface TailOptions {
  readonly log: Log;
  /** After so long without a message, an empty one: milliseconds. Default: 15 seconds. */
  readonly heartbeatMs?: number;
}

/** An entry with the names of its viewer and its video, "" for none. */
export interface NamedEntry {
  readonly entry: FullEntry;
  readonly video: string;
  readonly viewer: string;
}

/** Some entries, in the order of their positions; none says that all there are have been told. */
export interface TailMessage {
  readonly entries: readonly NamedEntry[];
  /** The position of the last entry of the log. */
  readonly head: number;
}

/** How many entries are read at once. */
const PAGE = 1_000;
/** How much one message takes at most, roughly, so that every client can receive it: bytes. */
const MESSAGE_BYTES = 1_048_576;
/** What an entry takes beside its texts, at most. */
const ENTRY_BYTES = 200;
/** What a UTF-16 code unit takes at most in a message. */
const UNIT_BYTES = 3;

/** Reads the log to those who make something of it elsewhere. */
export class Tail {
  readonly #log: Log;
  readonly #heartbeatMs: number;
  readonly #ending = new AbortController();

  constructor({ log, heartbeatMs = 15_000 }: TailOptions) {
    this.#log = log;
    this.#heartbeatMs = heartbeatMs;
  }

  /**
   * The entries after a position as long as the caller wants them; the log is
   * read when they are asked for. A message without entries comes when the end
   * is reached and the entries before did not say so, and as a heartbeat. Throws
   * the reason of the caller's signal when that aborts, "unavailable" when the
   * server stops, "invalid_argument" for a position beyond the end.
   */
  async *entries(caller: Caller, after: number): AsyncGenerator<TailMessage> {
    const log = this.#log;
    if (after > log.position) {
      throw invalidField(
        "after_position",
        `Must not be beyond the end of the log, which is at ${log.position}.`,
      );
    }
    const signal = AbortSignal.any([caller.signal, this.#ending.signal]);
    let position = after;
    // Up to where the reader knows to have everything.
    let told = -1;
    for (;;) {
      signal.throwIfAborted();
      const head = log.position;
      const page = position < head ? await log.read(position, PAGE) : [];
      // When nothing is left up to there, it has been removed.
      position = page.at(-1)?.position ?? head;
      for (const entries of messagesOf(await this.#named(caller.project, page))) {
        signal.throwIfAborted();
        told = entries.at(-1)?.entry.position ?? told;
        yield { entries, head: log.position };
      }
      if (position < log.position) continue;
      if (told >= position && (await this.#grown(position, signal))) continue;
      told = position;
      yield { entries: [], head: log.position };
    }
  }

  /** Ends all reading with "unavailable", for a server that stops. */
  end(): void {
    this.#ending.abort(serverStopping());
  }

  /** What the entries of a project name. Without those of a viewer who was erased a moment ago. */
  async #named(project: number, page: readonly FullEntry[]): Promise<NamedEntry[]> {
    const entries = page.filter((entry) => entry.project === project);
    const [videos, viewers] = await Promise.all([
      this.#names(project, "video", entries),
      this.#names(project, "viewer", entries),
    ]);
    const named: NamedEntry[] = [];
    for (const entry of entries) {
      const video = videos.get(entry.video);
      // An ERASE has a viewer, whom no name belongs to any more.
      const viewer = entry.video === 0 ? "" : viewers.get(entry.viewer);
      if (video !== undefined && viewer !== undefined) named.push({ entry, video, viewer });
    }
    return named;
  }

  async #names(
    project: number,
    kind: "video" | "viewer",
    entries: readonly FullEntry[],
  ): Promise<Map<number, string>> {
    const ids = [...new Set(entries.map((entry) => entry[kind]))].filter((id) => id !== 0);
    const names = await this.#log.namesOf(project, kind, ids);
    const found = new Map([[0, ""]]);
    for (const [index, name] of names.entries()) {
      if (name !== undefined) found.set(ids[index] as number, name);
    }
    return found;
  }

  /** Waits until the log has grown beyond a position: true; or it is time for a heartbeat: false. */
  async #grown(position: number, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const abort = (): void => reject(signal.reason);
    const timer = setTimeout(() => resolve(false), this.#heartbeatMs).unref();
    const stop = this.#log.onCommit(() => resolve(true));
    signal.addEventListener("abort", abort);
    try {
      if (signal.aborted) abort();
      return this.#log.position > position || (await promise);
    } finally {
      stop();
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }
}

/** The same entries in parts that are not too large for a message. */
function* messagesOf(entries: readonly NamedEntry[]): Generator<NamedEntry[]> {
  let part: NamedEntry[] = [];
  let bytes = 0;
  for (const one of entries) {
    const size = ENTRY_BYTES + UNIT_BYTES * lengthOf(one);
    if (part.length > 0 && bytes + size > MESSAGE_BYTES) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(one);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function lengthOf({ entry, video, viewer }: NamedEntry): number {
  const { viewId, country, device, referrer, properties } = entry;
  const own = viewId.length + country.length + device.length + referrer.length;
  return own + properties.length + video.length + viewer.length;
}
