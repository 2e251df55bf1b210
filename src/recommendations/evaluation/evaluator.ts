import { keepKernels } from "../model/kernels/kernels.ts";
import type { Caller } from "../../caller.ts";
import { DomainError, serverStopping } from "../../errors.ts";
import type { LogSource } from "../../log/log.ts";
import { Thread } from "../../thread.ts";
import { Training } from "../training-run.ts";
import type { Progress, TrainingApi } from "../training-thread.ts";
import { MIN_VIEWERS, type Evaluated } from "./evaluate.ts";

/** How to evaluate; see EvaluateModelRequest in the contract. */
export interface EvaluationRequest {
  readonly split: "viewer" | "time";
  /** Milliseconds since 1970; undefined for after four fifths of the log. */
  readonly splitTime: number | undefined;
  readonly maxViewers: number;
  readonly seed: number;
}

/** What came out, and how it was divided. */
export interface LogEvaluation extends Evaluated {
  readonly split: "viewer" | "time";
  readonly splitTime: number | undefined;
}

export interface RankingProgress {
  readonly stage: "ranking";
  readonly progress: number;
}

/** How far an evaluation is; at the end, what came out. */
export type EvaluationStep =
  | Progress
  | RankingProgress
  | { readonly stage: "done"; readonly evaluation: LogEvaluation };

type EvaluationThread = Thread<TrainingApi, Progress | RankingProgress>;

/** Evaluates on the log, in a thread of its own: one at a time, for each takes what a training does. */
export class Evaluator {
  readonly #source: LogSource;
  #isRunning = false;
  #thread: EvaluationThread | undefined;
  #closed = false;

  constructor(source: LogSource) {
    this.#source = source;
  }

  /**
   * Evaluates, and tells how far it is; the last step has what came out. It ends
   * when the caller is gone.
   * @throws DomainError "failed_precondition" while there is another one, and if
   * there are too few viewers.
   */
  async *evaluate(caller: Caller, request: EvaluationRequest): AsyncGenerator<EvaluationStep> {
    if (this.#closed) throw serverStopping();
    if (this.#isRunning) {
      throw new DomainError("failed_precondition", "another evaluation is running", {
        reason: "EVALUATION_RUNNING",
      });
    }
    this.#isRunning = true;
    try {
      const running = new Training<LogEvaluation | undefined, Progress | RankingProgress>((own) =>
        this.#run(caller, request, (step) => own.advance(step)),
      );
      yield* running.progress(caller.signal);
      const evaluation = await running.done;
      if (evaluation === undefined) {
        throw new DomainError(
          "failed_precondition",
          `there are fewer than ${MIN_VIEWERS} viewers to rank for: ${needs[request.split]}`,
          { reason: "TOO_FEW_VIEWERS" },
        );
      }
      yield { stage: "done", evaluation };
    } finally {
      this.#isRunning = false;
      await this.#thread?.close();
    }
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread?.close();
  }

  async #run(
    { project }: Caller,
    request: EvaluationRequest,
    onEvent: (step: Progress | RankingProgress) => void,
  ): Promise<LogEvaluation | undefined> {
    keepKernels();
    const thread: EvaluationThread = new Thread(new URL("../training-thread.ts", import.meta.url), {
      name: `evaluation of project ${project}`,
      data: undefined,
      onEvent,
    });
    this.#thread = thread;
    try {
      return await thread.call("evaluate", { source: this.#source, project }, request);
    } catch (error) {
      if (this.#closed) throw serverStopping();
      throw error;
    }
  }
}

/** What it takes. */
const needs = {
  viewer: "a tenth of those who like 5 items or more are ranked for",
  time: "those are ranked for who liked something before the time, and something new after it",
};
