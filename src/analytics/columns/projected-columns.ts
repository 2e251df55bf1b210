import { join } from "node:path";
import type { Log } from "../../log/log.ts";
import { DomainError, unavailable } from "../../errors.ts";
import { PositionGate } from "../../log/position-gate.ts";
import { Thread } from "../../thread.ts";
import { CatchUp } from "./catch-up.ts";
import type {
  Answer,
  AnsweredQueries,
  Asking,
  LiveSnapshot,
  ProgressStep,
  QueryValue,
  Row,
  Span,
  TopCursor,
  TrendingVideo,
  TwoSpans,
  VideoTotals,
  ViewTotals,
} from "./columns.ts";
import type { Compacted, CompactionFailed } from "./compactor.ts";
import type { Arguments, QuestionName, Value } from "./questions/questions.ts";
import { isTooMany } from "./reader-pool.ts";
import type { ColumnsApi, ColumnsEvent, ColumnsThreadData } from "./thread.ts";
import type { ViewQuery } from "./view-query.ts";

export interface ProjectedColumnsOptions {
  readonly log: Log;
  /** Where columns.duckdb is, or will be. */
  readonly directory: string;
  /** How much memory queries may take, in MiB. */
  readonly memoryMb: number;
  /** Whether what is stored is compressed. Default: true. */
  readonly compression?: boolean;
  readonly onFatal: (error: Error) => void;
  /** Told of the progress while the columns are far behind, as after a loss of their file. */
  readonly onCatchUp?: (position: number, head: number) => void;
  /** Told when they have caught up after that, and how long it took, in milliseconds. */
  readonly onCaughtUp?: (position: number, durationMs: number) => void;
  /** Told when the columns cannot be used for a while, and why: once, until they can again. */
  readonly onFailure?: (reason: string) => void;
  /** Told when the file was written anew: without what was erased, and clustered. */
  readonly onCompacted?: (compacted: Compacted) => void;
  /** Told when that could not be done, and why. */
  readonly onCompactionFailure?: (reason: string, failed: CompactionFailed) => void;
}

/** When to come again, of columns that cannot be used now. */
const RETRY_AFTER_MS = 1_000;

/** How many entries more the thread is told of though it is busy: it might wait for them. */
const WORTH_A_WORD = 5_000;

/** Columns that follow a log in a thread of their own. */
export class ProjectedColumns implements AnsweredQueries {
  readonly #thread: Thread<ColumnsApi, ColumnsEvent>;
  readonly #stopFollowing: () => void;
  readonly #gate = new PositionGate();
  readonly #options: ProjectedColumnsOptions;
  readonly #catchUp: CatchUp;
  /** Up to where the thread was told that the log is. */
  #told = 0;
  #failing = false;
  #nextId = 0;
  #closed: Promise<void> | undefined;

  private constructor(options: ProjectedColumnsOptions) {
    this.#options = options;
    this.#catchUp = new CatchUp(options);
    const { compression } = options;
    const data: ColumnsThreadData = {
      log: options.log.source,
      columns: {
        file: join(options.directory, "columns.duckdb"),
        memoryMb: options.memoryMb,
        ...(compression === undefined ? {} : { compression }),
      },
    };
    this.#thread = new Thread<ColumnsApi, ColumnsEvent>(new URL("./thread.ts", import.meta.url), {
      name: "columns",
      data,
      onEvent: (event) => this.#onEvent(event),
      onDeath: options.onFatal,
    });
    this.#stopFollowing = options.log.onCommit((position) => this.#onCommit(position));
  }

  /** Opens the columns of a directory, or begins to make them from the log. */
  static async open(options: ProjectedColumnsOptions): Promise<ProjectedColumns> {
    const columns = new ProjectedColumns(options);
    await columns.#advance();
    return columns;
  }

  /** The position up to which the log is in the columns. */
  get position(): number {
    return this.#gate.position;
  }

  /** Waits until the columns have this position; rejects with the signal's reason. */
  reached(position: number, signal: AbortSignal): Promise<void> {
    if (this.#gate.position < position) {
      this.#send(this.#advance());
      this.#send(this.#thread.call("hurry", position));
    }
    return this.#gate.reached(position, signal);
  }

  viewTotals(
    project: number,
    video: number | undefined,
    span: Span,
    asking: Asking,
  ): Promise<Answer<ViewTotals>> {
    return this.#ask("viewTotals", [project, video, span], asking);
  }

  topVideos(
    project: number,
    span: Span,
    limit: number,
    after: TopCursor | undefined,
    asking: Asking,
  ): Promise<Answer<VideoTotals[]>> {
    return this.#ask("topVideos", [project, span, limit, after], asking);
  }

  trending(
    project: number,
    spans: TwoSpans,
    limit: number,
    asking: Asking,
  ): Promise<Answer<TrendingVideo[]>> {
    return this.#ask("trending", [project, spans, limit], asking);
  }

  retention(
    project: number,
    video: number,
    span: Span,
    asking: Asking,
  ): Promise<Answer<ProgressStep[]>> {
    return this.#ask("retention", [project, video, span], asking);
  }

  async liveSnapshot(
    project: number,
    videos: readonly number[] | undefined,
    currentSince: number,
    asking: Asking,
  ): Promise<LiveSnapshot> {
    const args: Arguments<"liveCounts"> = [project, videos, currentSince];
    const { position, value } = await this.#ask("liveCounts", args, asking);
    return { position, counts: value };
  }

  viewRows(query: ViewQuery, asking: Asking): Promise<Answer<Row[]>> {
    return this.#ask("viewRows", [query], asking);
  }

  query(sql: string, values: readonly QueryValue[], asking: Asking): Promise<Answer<Row[]>> {
    return this.#ask("query", [sql, values], asking);
  }

  /** Finishes the batch at hand, and lets go of the files. Questions that are being answered fail. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#stopFollowing();
    await this.#thread.call("close");
    await this.#thread.close();
  }

  async #ask<Name extends QuestionName>(
    name: Name,
    args: Arguments<Name>,
    { signal, minPosition = 0 }: Asking,
  ): Promise<Answer<Value<Name>>> {
    for (;;) {
      await this.reached(minPosition, signal);
      const answer = await this.#askOnce(name, args, signal);
      // A file that was lost just now is made again from the beginning.
      if (answer.position >= minPosition) return answer;
    }
  }

  async #askOnce<Name extends QuestionName>(
    name: Name,
    args: Arguments<Name>,
    signal: AbortSignal,
  ): Promise<Answer<Value<Name>>> {
    signal.throwIfAborted();
    const id = this.#nextId++;
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => {
      this.#send(this.#thread.call("cancel", id));
      aborted.reject(signal.reason);
    };
    signal.addEventListener("abort", abort);
    // The compiler does not see that a name and its arguments belong together.
    const answer = this.#thread.call("ask", id, name, args as never);
    try {
      return (await Promise.race([answer, aborted.promise])) as Answer<Value<Name>>;
    } catch (error) {
      // Nobody waits for what becomes of a question that was broken off.
      this.#send(answer);
      signal.throwIfAborted();
      if (isTooMany(error)) throw tooManyQuestions(error);
      // While the columns cannot be used, that is why a question fails.
      if (!this.#failing) throw error;
      throw unavailable("the counts cannot be read now", RETRY_AFTER_MS, error);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /**
   * Tells the thread of a commit, if it would not see it by itself: as long as it
   * has something to apply, it reads on to the end of the log.
   */
  #onCommit(position: number): void {
    const isBusy = this.#told > this.#gate.position;
    if (!isBusy || position - this.#told >= WORTH_A_WORD) this.#send(this.#advance());
  }

  /** Tells the thread how far the log is. */
  #advance(): Promise<void> {
    this.#told = this.#options.log.position;
    return this.#thread.call("advance", this.#told);
  }

  #onEvent(event: ColumnsEvent): void {
    if ("failure" in event) {
      if (!this.#failing) this.#options.onFailure?.(event.failure);
      this.#failing = true;
    } else if ("compacted" in event) this.#options.onCompacted?.(event.compacted);
    else if ("compactionFailure" in event) {
      this.#options.onCompactionFailure?.(event.compactionFailure, event.failed);
    } else {
      this.#failing = false;
      this.#gate.reach(event.position);
      this.#catchUp.reached(event.position, event.head);
      if (this.#told < this.#options.log.position) this.#send(this.#advance());
    }
  }

  /** Waits for nothing: a thread that died has told onFatal already. */
  #send(call: Promise<unknown>): void {
    call.catch(() => {});
  }
}

function tooManyQuestions(cause: unknown): DomainError {
  return new DomainError("resource_exhausted", "too many questions wait for an answer", {
    reason: "TOO_MANY_QUESTIONS",
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  });
}
