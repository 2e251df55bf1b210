import { join } from "node:path";
import { internalCaller, type Caller } from "../caller.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { DomainError, notFound, serverStopping } from "../errors.ts";
import type { Entry, FeedbackReceipt, Log, NewFeedback } from "../log/log.ts";
import { Boosts } from "./boosts.ts";
import { Follower } from "./follower.ts";
import { silent, type Logger } from "./logger.ts";
import type { ModelInfo } from "./model/model.ts";
import { Project } from "./project.ts";
import { rank, type Ranked } from "./ranking.ts";
import type {
  RecommendOptions,
  ScoredItem,
  Recommendation,
  Contribution,
  Recommended,
  TrainingStep,
} from "./recommendation.ts";
import { trendingItems } from "./sources.ts";
import {
  latestInteractions,
  type InteractionsWanted,
  type UserInteraction,
} from "./user-interactions.ts";
import { leaveOutKnown, likesOf, type Asker } from "./taste.ts";
import { Trainer } from "./training.ts";
import type { ViewerHistory } from "./viewer-history.ts";

export interface RecommenderOptions {
  readonly log: Log;
  readonly catalog: Catalog;
  /** The models are in a directory of this one. */
  readonly dataDir: string;
  /** The least time between two trainings that nobody asked for, in milliseconds; 0 for none. */
  readonly trainIntervalMs: number;
  /** Default: nothing is reported. */
  readonly logger?: Logger;
  /** Called when the log cannot be followed any more: nothing new is learned from then on. */
  readonly onFatal?: (error: Error) => void;
}

/**
 * Recommends from what the log says and the catalog offers. What it knows is in
 * memory, and follows both; an answer knows all that was acknowledged before it
 * was asked for.
 */
export class Recommender {
  readonly #options: RecommenderOptions;
  readonly #log: Log;
  readonly #projects = new Map<number, Project>();
  readonly #follower: Follower;
  readonly #closing = new AbortController();
  readonly #ending = new AbortController();
  readonly #unsubscribe: () => void;
  #following: Promise<void> = Promise.resolve();

  private constructor(options: RecommenderOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#follower = new Follower(options.log, (entries) => this.#apply(entries));
    this.#unsubscribe = options.catalog.onChange(async (change) => {
      await this.#projects.get(change.project)?.catalogItems.apply(change);
    });
  }

  /**
   * Reads the catalog and the last model, and begins to follow the log; it is
   * ready for calls at once, and they wait until it has {@link caughtUp}.
   */
  static async open(options: RecommenderOptions): Promise<Recommender> {
    const recommender = new Recommender(options);
    try {
      await recommender.#project(0).loaded;
    } catch (error) {
      await recommender.close();
      throw error;
    }
    recommender.#following = recommender.#follower.run().catch((error: Error) => {
      options.logger?.error({ err: error }, "the recommender cannot follow the log");
      options.onFatal?.(error);
    });
    return recommender;
  }

  /** Aborts with "unavailable" when streams of requests are to end. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Ends streams of requests, for a server that stops. */
  end(): void {
    this.#ending.abort(serverStopping());
  }

  /** Waits until all that the log has now is known. */
  caughtUp(): Promise<void> {
    return this.#follower.reached(this.#log.position, this.#closing.signal);
  }

  /** Waits until all that the log has up to a position is known; rejects with the signal's reason. */
  reached(position: number, signal: AbortSignal): Promise<void> {
    return this.#follower.reached(position, signal);
  }

  /** Waits until it is known of all new items which others they resemble. */
  async settled({ project }: Pick<Caller, "project">): Promise<void> {
    const { content } = await this.#loaded(project);
    await content.newcomers.settled();
  }

  /**
   * Recommends items to a user, best first: what fits what they did, then what
   * trends, then what nobody has viewed.
   * @throws DomainError "not_found" for a category that the catalog does not have.
   */
  async recommend(caller: Caller, options: RecommendOptions): Promise<Recommended> {
    const project = await this.#upToDate(caller);
    const history = await this.#historyOf(project, options.user);
    const { items, content, selection, trending } = project;
    const { model } = project.trainer;
    content.newcomers.follow(model);
    const { category, session = [], context = "", boosts = [] } = options;
    const asker: Asker = { history, session, context };
    selection.begin(categoryOf(project, category));
    for (const id of options.excludeIds) selection.leaveOut(items.indexOf(id) ?? -1);
    leaveOutKnown(selection, items, asker, options.includeSeen);
    const likes = likesOf(items, asker);
    const question = { items, content, selection, trending, model, likes, category };
    const ranked = rank(
      { ...question, boosts: new Boosts(items, boosts) },
      {
        limit: options.maxResults,
        diversity: options.diversity ?? 0,
        exploration: options.exploration ?? 0,
        // Whoever shares a seed with others still sees something else.
        seed: `${options.seed ?? ""}/${options.user}`,
        explain: options.explain ?? false,
      },
    );
    return {
      recommendations: ranked.map((one) => recommendationOf(project, one)),
      model: model?.info,
    };
  }

  /**
   * Lists the items most similar to one, most similar first, at most `limit`.
   * @throws DomainError "not_found" for an item that neither catalog nor log has.
   */
  async similarItems(caller: Caller, id: string, limit: number): Promise<ScoredItem[]> {
    const project = await this.#upToDate(caller);
    const { items, content, trainer } = project;
    const index = items.indexOf(id);
    if (index === undefined || !items.isKnown(index)) throw notFound("id", "item", id);
    const similar: ScoredItem[] = [];
    trainer.model?.similar(items.video(index), (video, similarity) => {
      const other = items.indexOfVideo(video);
      if (similar.length >= limit || other < 0 || !items.isOffered(other)) return;
      similar.push({ ...itemAt(project, other), score: similarity });
    });
    if (similar.length > 0) return similar;
    const accepts = (other: number): boolean => items.isOffered(other);
    content.similar(index, { limit, accepts }, (other, similarity) => {
      similar.push({ ...itemAt(project, other), score: similarity });
    });
    return similar;
  }

  /**
   * Lists what is viewed and liked most these days, at most `limit`.
   * @throws DomainError "not_found" for a category that the catalog does not have.
   */
  async trendingItems(caller: Caller, category: string, limit: number): Promise<ScoredItem[]> {
    const project = await this.#upToDate(caller);
    const { items, selection, trending } = project;
    selection.begin(categoryOf(project, category));
    const now = Date.now();
    return trendingItems(items, trending, selection, { limit, viewedOnly: true })
      .takeIds()
      .map((index) => ({
        ...itemAt(project, index),
        score: trending.weight(items.video(index), now),
      }));
  }

  /** Lists what a user did, latest first. */
  async interactions(caller: Caller, wanted: InteractionsWanted): Promise<UserInteraction[]> {
    const project = await this.#upToDate(caller);
    const history = await this.#historyOf(project, wanted.user);
    return latestInteractions(project.items, history, wanted);
  }

  /** Records feedback, all of it or none; rejects as {@link Log.appendFeedback} does. */
  recordFeedback(caller: Caller, feedback: readonly NewFeedback[]): Promise<FeedbackReceipt> {
    return this.#log.appendFeedback(caller, feedback);
  }

  /**
   * Learns a new model from all that the log has when it is called, joining a
   * training that runs if that knows as much, and tells how far it is: the latest,
   * when there is something newer than told. The last step has the model in place
   * by then, which is the one before if the new one was clearly worse. It goes on
   * when the caller is gone, who is told the signal's reason.
   */
  async *train(caller: Caller): AsyncGenerator<TrainingStep> {
    const { position } = this.#log;
    const { trainer } = await this.#loaded(caller.project);
    for (let before = -1; ;) {
      const training = await trainer.train();
      yield* training.progress(caller.signal);
      const { position: learnedTo, model, refused, comparison } = await training.done;
      // One that had begun before the call may not know all.
      if (learnedTo < position && learnedTo > before) {
        before = learnedTo;
        continue;
      }
      yield { stage: "done", model: model.info, refused, comparison };
      return;
    }
  }

  /**
   * What the model in place was learned from, and how good it is.
   * @throws DomainError "not_found" before the first training.
   */
  async model(caller: Caller): Promise<ModelInfo> {
    const { trainer } = await this.#loaded(caller.project);
    if (trainer.model !== undefined) return trainer.model.info;
    throw new DomainError("not_found", "no model has been learned yet", {
      reason: "MODEL_NOT_FOUND",
    });
  }

  /** Stops following and training. */
  async close(): Promise<void> {
    this.end();
    this.#closing.abort(new Error("the recommender is closing"));
    this.#unsubscribe();
    this.#follower.close();
    for (const { content } of this.#projects.values()) content.newcomers.close();
    await Promise.all([...this.#projects.values()].map(({ trainer }) => trainer.close()));
    await this.#following;
  }

  async #apply(entries: readonly Entry[]): Promise<void> {
    const numbers = new Set(entries.map(({ project }) => project));
    for (const number of numbers) await this.#loaded(number);
    for (const entry of entries) {
      // Hardly any entry takes more than a moment: awaiting each would.
      const slow = this.#project(entry.project).apply(entry);
      if (slow !== undefined) await slow;
    }
    for (const number of numbers) await this.#project(number).learnNames(this.#log);
  }

  /** The caller's project, as it is after all that the log has now. */
  async #upToDate(caller: Caller): Promise<Project> {
    const { position } = this.#log;
    // The signal of a call is made when it is asked for: only where there is a reason to wait.
    if (this.#follower.position < position) await this.#follower.reached(position, caller.signal);
    return this.#loaded(caller.project);
  }

  async #loaded(number: number): Promise<Project> {
    const project = this.#project(number);
    await project.loaded;
    return project;
  }

  #project(number: number): Project {
    let project = this.#projects.get(number);
    if (project === undefined) {
      project = this.#newProject(number);
      this.#projects.set(number, project);
    }
    return project;
  }

  #newProject(number: number): Project {
    const { catalog, dataDir, trainIntervalMs, logger } = this.#options;
    const trainer = new Trainer({
      source: this.#log.source,
      logId: this.#log.id,
      project: number,
      file: join(dataDir, "models", `${number}.model`),
      intervalMs: trainIntervalMs,
      head: () => this.#log.position,
      logger: logger ?? silent,
    });
    const caller = internalCaller(number, this.#closing.signal);
    return new Project(number, trainer, async ({ catalogItems, content }) => {
      await Promise.all([catalogItems.load(catalog, caller), trainer.load()]);
      content.newcomers.follow(trainer.model);
    });
  }

  async #historyOf(project: Project, user: string): Promise<ViewerHistory | undefined> {
    if (user === "") return undefined;
    const viewer = await project.recentViewers.of(user, (name) =>
      this.#log.findName(project.number, "viewer", name),
    );
    return viewer === undefined ? undefined : project.histories.of(viewer);
  }
}

function itemAt({ items }: Project, index: number): Omit<ScoredItem, "score"> {
  return { id: items.id(index), title: items.title(index) };
}

function recommendationOf(
  project: Project,
  { index, score, reason, contributions }: Ranked,
): Recommendation {
  const told = contributions.map(({ index: of, share }): Contribution => {
    const { id, title } = itemAt(project, of);
    return { itemId: id, title, share };
  });
  return { ...itemAt(project, index), score, reason, contributions: told };
}

/** What tells a model from others of the same project. */
export function versionOf({ position, trainedTime }: ModelInfo): string {
  return `${position}-${trainedTime}`;
}

/** The number of a category; undefined for all. */
function categoryOf({ items }: Project, name: string): number | undefined {
  if (name === "") return undefined;
  const category = items.category(name);
  if (category === undefined) throw notFound("category", "category", name);
  return category;
}
