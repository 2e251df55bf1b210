import type { CallOptions } from "@connectrpc/connect";
import { DomainError, serverStopping } from "../errors.ts";
import { readBooks } from "./books.ts";
import {
  finishItems,
  loadItems,
  loadOpinions,
  loadProfiles,
  loadViews,
  trainModel,
} from "./load.ts";
import { LOADED, loadingSince, MARK } from "./mark.ts";
import type { SampleClient, Stage } from "./progress.ts";
import { simulate } from "./simulation.ts";

/** How many readers there are beside those with a profile. */
const READERS = 600;
/** Chosen at will: another one makes another audience. */
const SEED = 1_813;
/** As many items as a page can have: more than the sample has. */
const PAGE = 1_000;

/** Fills an empty server with sample data. */
export class Sample {
  readonly #client: SampleClient;
  readonly #ending = new AbortController();
  #isLoading = false;

  constructor(client: SampleClient) {
    this.#client = client;
  }

  /** Ends a loading that runs, and those to come. */
  end(): void {
    this.#ending.abort();
  }

  /**
   * Loads the sample, or what is missing of one that was begun, and tells how far
   * it is.
   *
   * @param options for all calls that it takes.
   * @throws DomainError "failed_precondition" when the catalog has other items, or
   * the sample already, and while it is loaded; "unavailable" when the server
   * stops; and what the services answer with.
   */
  async *load(options: CallOptions = {}): Stage {
    if (this.#isLoading) {
      throw refusal("SAMPLE_LOADING", "the sample data is being loaded by another call");
    }
    this.#isLoading = true;
    const ending = this.#ending.signal;
    const signals = options.signal === undefined ? [ending] : [options.signal, ending];
    try {
      yield* this.#load({ ...options, signal: AbortSignal.any(signals) });
    } catch (error) {
      throw ending.aborted ? serverStopping() : error;
    } finally {
      this.#isLoading = false;
    }
  }

  async *#load(options: CallOptions): Stage {
    const client = this.#client;
    const begun = await this.#begun(options);
    const now = begun ?? Date.now();
    const books = await readBooks();
    yield* loadItems(client, books, now, options);
    const profileIds = yield* loadProfiles(client, options);
    const viewerIds = [...profileIds, ...readerIds()];
    const { views, opinions } = await simulate({ books, viewerIds, now, seed: SEED });
    yield* loadViews(client, views, options);
    yield* loadOpinions(client, opinions, options);
    yield* trainModel(client, options);
    await finishItems(client, books, options);
    yield { stage: "done", done: 0, total: 0 };
  }

  /** When the sample was begun that the catalog has a part of; undefined if it is empty. */
  async #begun(options: CallOptions): Promise<number | undefined> {
    const { items } = await this.#client.catalog.listItems({ pageSize: PAGE }, options);
    const marks = new Set(items.map(({ properties }) => properties[MARK]));
    const [mark] = marks;
    if (items.length === 0) return undefined;
    if (marks.size === 1 && mark === LOADED) {
      throw refusal("SAMPLE_LOADED", "the sample data is there already");
    }
    const since = loadingSince(mark);
    if (marks.size === 1 && since !== undefined) return since;
    throw refusal("CATALOG_NOT_EMPTY", "the catalog has items: sample data is for an empty one");
  }
}

function readerIds(): string[] {
  return Array.from(
    { length: READERS },
    (_, index) => `sample-reader-${String(index + 1).padStart(4, "0")}`,
  );
}

function refusal(reason: string, message: string): DomainError {
  return new DomainError("failed_precondition", message, { reason });
}
