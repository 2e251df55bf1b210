import { onTestFinished } from "vitest";
import type { CatalogItem } from "../../src/catalog/catalog.ts";
import { SqliteCatalog } from "../../src/catalog/items.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { silent, type Logger } from "../../src/recommendations/logger.ts";
import { Evaluator } from "../../src/recommendations/evaluation/evaluator.ts";
import { Outcomes } from "../../src/recommendations/outcomes/outcomes.ts";
import { Recommender } from "../../src/recommendations/recommender.ts";
import type { Recommendation, RecommendOptions } from "../../src/recommendations/recommendation.ts";
import { openState } from "../../src/storage/state.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { view } from "../support/views.ts";

/** A recommender with a log and a catalog of its own, all of them real. */
export class Room {
  readonly directory: string;
  readonly log: SqliteLog;
  readonly catalog: SqliteCatalog;
  /** What the recommender warned of. */
  readonly warnings: string[] = [];
  /** What else it told. */
  readonly news: string[] = [];
  readonly #trainIntervalMs: number;
  readonly #closeState: () => Promise<void>;
  /** What became of its recommendations. */
  readonly outcomes: Outcomes;
  readonly evaluator: Evaluator;
  recommender!: Recommender;

  private constructor(
    directory: string,
    log: SqliteLog,
    catalog: SqliteCatalog,
    outcomes: Outcomes,
    trainIntervalMs: number,
    closeState: () => Promise<void>,
  ) {
    this.directory = directory;
    this.log = log;
    this.catalog = catalog;
    this.outcomes = outcomes;
    this.evaluator = new Evaluator(log.source);
    this.#trainIntervalMs = trainIntervalMs;
    this.#closeState = closeState;
  }

  /** Opens one in a directory, or a new one; it is closed when the test is over. */
  static async open(options: { directory?: string; trainIntervalMs?: number } = {}): Promise<Room> {
    const directory = options.directory ?? (await temporaryDirectory());
    const log = await SqliteLog.open({ directory });
    const state = await openState({
      directory,
      onFatal: (error) => {
        throw error;
      },
    });
    const { trainIntervalMs = 0 } = options;
    const catalog = new SqliteCatalog(state);
    const outcomes = await Outcomes.open({ state, logger: silent });
    const room = new Room(directory, log, catalog, outcomes, trainIntervalMs, () =>
      state.destroy(),
    );
    await room.openRecommender();
    onTestFinished(() => room.close());
    return room;
  }

  async openRecommender(): Promise<void> {
    const logger: Logger = {
      info: (_details, message) => this.news.push(message),
      warn: (_details, message) => this.warnings.push(message),
      error: (details, message) => {
        this.warnings.push(message);
        // Callers are told of an internal error only.
        process.stderr.write(`${message}: ${String((details as { err?: Error }).err?.stack)}\n`);
      },
    };
    this.recommender = await Recommender.open({
      log: this.log,
      catalog: this.catalog,
      dataDir: this.directory,
      trainIntervalMs: this.#trainIntervalMs,
      logger,
    });
  }

  async reopenRecommender(): Promise<void> {
    await this.recommender.close();
    await this.openRecommender();
    await this.recommender.caughtUp();
  }

  async close(): Promise<void> {
    await this.recommender.close();
    await this.evaluator.close();
    await this.log.close();
    await this.outcomes.close();
    await this.#closeState();
  }

  async view(viewer: string, ...videos: string[]): Promise<void> {
    await Promise.all(
      videos.map((video) =>
        this.log.appendView(caller(), view({ viewer, video, time: Date.now() })),
      ),
    );
  }

  async feedback(viewer: string, video: string, kind: number, value = 0): Promise<void> {
    const feedback = { viewer, video, kind, value, time: undefined };
    await this.recommender.recordFeedback(caller(), [feedback]);
  }

  /** Trains, and waits for the model. */
  async train(): Promise<void> {
    for await (const _ of this.recommender.train(caller()));
  }

  async recommend(
    user: string,
    options: Partial<RecommendOptions> = {},
  ): Promise<Recommendation[]> {
    const { recommendations } = await this.recommender.recommend(caller(), {
      user,
      category: "",
      maxResults: 10,
      excludeIds: [],
      includeSeen: false,
      ...options,
    });
    return recommendations;
  }
}

/** An item of the catalog. */
export function item(id: string, categories: readonly string[] = []): CatalogItem {
  return { id, title: `Title of ${id}`, creators: [], categories, description: "", properties: {} };
}

/**
 * Eighty viewers of two genres: those of even number view six of a0 to a9,
 * those of odd number six of b0 to b9.
 */
export async function twoGenres(room: Room): Promise<void> {
  for (let viewer = 0; viewer < 80; viewer++) {
    const genre = viewer % 2 === 0 ? "a" : "b";
    const videos = Array.from({ length: 6 }, (_, k) => `${genre}${(viewer * 3 + k * k) % 10}`);
    await room.view(`viewer ${viewer}`, ...new Set(videos));
  }
}
