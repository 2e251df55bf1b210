import type { Caller } from "../caller.ts";
import { serverStopping } from "../errors.ts";
import type { Log, StoredView } from "../log/log.ts";
import type { Span } from "./columns/columns.ts";

/** How many views a message has at most: the contract says so. */
const PAGE = 1_000;
/** How much a message takes at most, roughly, so that every client can receive it: bytes. */
const MESSAGE_BYTES = 1_048_576;
/** What a view takes beside its texts, at most. */
const VIEW_BYTES = 200;
/** What a UTF-16 code unit takes at most in a message. */
const UNIT_BYTES = 3;

export interface ExportQuery {
  readonly span: Span;
  /** "" for everybody. */
  readonly viewer: string;
}

/** The next views of an export. */
export interface ExportPage {
  readonly views: readonly StoredView[];
  /** Up to where the log has been read, and will be. */
  readonly position: number;
  readonly endPosition: number;
}

/** Hands out the views of a log, as they are in it. */
export class Exporter {
  readonly #log: Log;
  readonly #ending = new AbortController();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Ends all exports with "unavailable", for a server that stops. */
  end(): void {
    this.#ending.abort(serverStopping());
  }

  /**
   * The views that the log has now, in the order in which they came to it; at
   * least one page. Nothing is read before it is asked for.
   *
   * @throws DomainError "unavailable" when the server stops; the reason of the
   * caller's signal when that aborts.
   */
  async *views(caller: Caller, { span, viewer }: ExportQuery): AsyncGenerator<ExportPage> {
    const endPosition = this.#log.position;
    let position = 0;
    do {
      caller.signal.throwIfAborted();
      this.#ending.signal.throwIfAborted();
      const selection = { after: position, upTo: endPosition, ...span, viewer };
      const page = await this.#log.readViews(caller, selection, PAGE);
      position = page.position;
      let start = 0;
      for (let end = portion(page.views, start); end < page.views.length;) {
        const views = page.views.slice(start, end);
        yield { views, position: views.at(-1)?.position ?? position, endPosition };
        start = end;
        end = portion(page.views, start);
      }
      yield { views: page.views.slice(start), position, endPosition };
    } while (position < endPosition);
  }
}

/** Where the views end, from `start` on, that fit into one message: at least one does. */
function portion(views: readonly StoredView[], start: number): number {
  let bytes = 0;
  for (let end = start; end < views.length; end++) {
    bytes += bytesOf(views[end] as StoredView);
    if (bytes > MESSAGE_BYTES && end > start) return end;
  }
  return views.length;
}

function bytesOf({ video, viewer, viewId, device, referrer, properties }: StoredView): number {
  const texts = [video, viewer, viewId, device, referrer, properties];
  return texts.reduce((bytes, { length }) => bytes + UNIT_BYTES * length, VIEW_BYTES);
}
