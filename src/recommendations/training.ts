import { serverStopping } from "../errors.ts";
import type { LogSource } from "../log/log.ts";
import { Thread } from "../thread.ts";
import { BlendedModel } from "./model/blended-model.ts";
import { keepKernels } from "./model/kernels/kernels.ts";
import type { SharedMemory } from "./model/kernels/webassembly.ts";
import type { Model } from "./model/model.ts";
import type { Logger } from "./logger.ts";
import { Training, type Outcome } from "./training-run.ts";
import type { Progress, Trained, TrainingApi } from "./training-thread.ts";

/** Few changes are no reason to train: at least this many interactions are. */
const MIN_CHANGES = 100;
/** Nor are they where much is known: at least this share of what was learned from is. */
const MIN_CHANGED_SHARE = 0.1;

export interface TrainerOptions {
  readonly source: LogSource;
  readonly project: number;
  /** Where the model is kept. */
  readonly file: string;
  /** The least time from the end of a training to one that nobody asked for; 0 for none. */
  readonly intervalMs: number;
  /** The id of the log. */
  readonly logId: string;
  /** The position of the log. */
  readonly head: () => number;
  readonly logger: Logger;
}

/**
 * Keeps the model of a project: finds the last one, and learns a new one when
 * asked or when enough has changed. One training runs at a time, in a thread of
 * its own, which ends with it.
 */
export class Trainer {
  readonly #options: TrainerOptions;
  #model: Model | undefined;
  /** Where the model in place has its bytes. */
  #memory: SharedMemory | undefined;
  #running: Training | undefined;
  #thread: Thread<TrainingApi, Progress> | undefined;
  /** Up to this position the log was learned from, or is being. */
  #learnedTo = 0;
  /** How many interactions came after that. */
  #changes = 0;
  /** Where the log lost something last that a model may have been learned from. */
  #outdatedAt = 0;
  /** The training that was given up last. */
  #givenUp: Training | undefined;
  #endedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TrainerOptions) {
    this.#options = options;
  }

  /** The model in place. */
  get model(): Model | undefined {
    return this.#model;
  }

  /** The training that runs. */
  get running(): Training | undefined {
    return this.#running;
  }

  /**
   * Puts the last model in place, if there is one that can be used. Before the
   * first {@link changed}.
   */
  async load(): Promise<void> {
    const { file, logId, head, logger } = this.#options;
    try {
      const memory = await this.#inThread((thread) => thread.call("load", file));
      if (memory === undefined) return;
      const model = new BlendedModel(memory);
      if (model.info.logId !== logId || model.info.position > head()) {
        throw new Error("it was learned from another log, or from more than is left of this one");
      }
      this.#model = model;
      this.#memory = memory;
      this.#learnedTo = model.info.position;
    } catch (error) {
      if (this.#closed) return;
      logger.warn({ err: error, file }, "the model cannot be used; another one will be learned");
    }
  }

  /** There is an interaction at this position. Trains if that makes it enough. */
  changed(position: number): void {
    if (position <= this.#learnedTo) return;
    this.#changes++;
    this.#trainIfDue();
  }

  /**
   * At this position the log has lost something: viewers, or old views. A model
   * that was learned from them is not to stay: trains as soon as it may.
   */
  outdated(position: number): void {
    this.#outdatedAt = Math.max(this.#outdatedAt, position);
    this.#trainIfDue();
  }

  /**
   * Learns a new model from all that the log has; or joins the training that runs,
   * which may know less: its outcome says up to where it knows the log. One that
   * nobody asked for, and that may know less, is given up instead. A model that is
   * clearly worse than the one in place is refused, unless that one is outdated.
   */
  async train(): Promise<Training> {
    if (this.#running?.isAsked === false && this.#learnedTo < this.#options.head()) {
      const { done } = this.#running;
      this.#givenUp = this.#running;
      await this.#thread?.close();
      await done.catch(() => {});
    }
    const training = this.#running ?? this.#begin();
    training.isAsked = true;
    return training;
  }

  #begin(): Training {
    // What it waits for happens now: when it ends, it is looked at anew.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = new Training((training) => this.#train(training));
    return this.#running;
  }

  /** Stops a training, and trains no more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#thread?.close();
  }

  async #train(training: Training): Promise<Outcome> {
    if (this.#closed) throw serverStopping();
    const { source, project, file, head, logger } = this.#options;
    logger.info({ project }, "a training begins");
    const [learnedTo, changes] = [this.#learnedTo, this.#changes];
    this.#learnedTo = head();
    this.#changes = 0;
    try {
      const trained = await this.#inThread(
        (thread) => thread.call("train", { source, project, file, inPlace: this.#memory }),
        (progress) => training.advance(progress),
      );
      // What was refused was tried all the same: only what comes is a reason to try again.
      this.#learnedTo = Math.max(this.#learnedTo, trained.position);
      return this.#take(trained);
    } catch (error) {
      if (this.#closed) throw serverStopping();
      this.#learnedTo = learnedTo;
      this.#changes += changes;
      if (this.#givenUp === training)
        logger.info({ project }, "the training was given up for another");
      else logger.error({ err: error, project }, "the training failed");
      throw error;
    } finally {
      this.#running = undefined;
      this.#endedAt = performance.now();
      this.#trainIfDue();
    }
  }

  /** Puts a model in place, unless it was refused. */
  #take({ memory, position, unsaved, comparison }: Trained): Outcome {
    const { project, file, logger } = this.#options;
    if (memory === undefined) {
      logger.warn(
        { project, comparison },
        "a model was learned that is clearly worse than the one in place, which stays",
      );
      return { model: this.#model as Model, position, refused: true, comparison };
    }
    const model = new BlendedModel(memory);
    this.#model = model;
    this.#memory = memory;
    logger.info({ project, ...model.info, comparison }, "a model was learned");
    if (unsaved !== undefined) {
      logger.error({ file, reason: unsaved }, "the model is in place, but not in its file");
    }
    return { model, position, refused: false, comparison };
  }

  /** Trains now, or when it is time to, if enough has changed. */
  #trainIfDue(): void {
    const { intervalMs } = this.#options;
    if (intervalMs === 0 || this.#closed) return;
    if (this.#running !== undefined || this.#timer !== undefined) return;
    const { interactions = 0, position = Infinity } = this.#model?.info ?? {};
    const due = Math.max(MIN_CHANGES, MIN_CHANGED_SHARE * interactions);
    if (this.#changes < due && this.#outdatedAt <= position) return;
    const wait = Math.max(0, this.#endedAt + intervalMs - performance.now());
    this.#timer = setTimeout(() => this.#begin(), wait);
    this.#timer.unref();
  }

  async #inThread<T>(
    work: (thread: Thread<TrainingApi, Progress>) => Promise<T>,
    onEvent: (progress: Progress) => void = () => {},
  ): Promise<T> {
    if (this.#closed) throw serverStopping();
    keepKernels();
    const thread = new Thread<TrainingApi, Progress>(
      new URL("./training-thread.ts", import.meta.url),
      { name: `training of project ${this.#options.project}`, data: undefined, onEvent },
    );
    this.#thread = thread;
    try {
      return await work(thread);
    } finally {
      await thread.close();
    }
  }
}
