import { join } from "node:path";
import type { Log } from "../../log/log.ts";
import { unavailable } from "../../errors.ts";
import { PositionGate } from "../../log/position-gate.ts";
import { Thread } from "../../thread.ts";
import type { ColumnQueries, Span, TopCursor, VideoTotals, ViewTotals } from "./columns.ts";
import type { ColumnsApi, ColumnsEvent, ColumnsThreadData } from "./thread.ts";

export interface ProjectedColumnsOptions {
  readonly log: Log;
  /** Where columns.duckdb is, or will be. */
  readonly directory: string;
  /** How much memory queries may take, in MiB. */
  readonly memoryMb: number;
  readonly onFatal: (error: Error) => void;
  /** Told of the progress while the columns are far behind, as after a loss of their file. */
  readonly onCatchUp?: (position: number, head: number) => void;
  /** Told when the columns cannot be used for a while, and why: once, until they can again. */
  readonly onFailure?: (reason: string) => void;
}

/** From how many entries on a projection that is behind is worth a word. */
const FAR_BEHIND = 50_000;
/** How often it is worth one: milliseconds. */
const CATCH_UP_WORD_MS = 2_000;
/** When to come again, of columns that cannot be used now. */
const RETRY_AFTER_MS = 1_000;

/** Columns that follow a log in a thread of their own. */
export class ProjectedColumns implements ColumnQueries {
  readonly #thread: Thread<ColumnsApi, ColumnsEvent>;
  readonly #stopFollowing: () => void;
  readonly #gate = new PositionGate();
  readonly #options: ProjectedColumnsOptions;
  #failing = false;
  #saidAt = -Infinity;

  private constructor(options: ProjectedColumnsOptions) {
    this.#options = options;
    const data: ColumnsThreadData = {
      log: options.log.source,
      columns: { file: join(options.directory, "columns.duckdb"), memoryMb: options.memoryMb },
    };
    this.#thread = new Thread<ColumnsApi, ColumnsEvent>(new URL("./thread.ts", import.meta.url), {
      name: "columns",
      data,
      onEvent: (event) => this.#onEvent(event),
      onDeath: options.onFatal,
    });
    this.#stopFollowing = options.log.onCommit((position) => this.#send("advance", position));
  }

  /** Opens the columns of a directory, or begins to make them from the log. */
  static async open(options: ProjectedColumnsOptions): Promise<ProjectedColumns> {
    const columns = new ProjectedColumns(options);
    await columns.#thread.call("advance", options.log.position);
    return columns;
  }

  /** The position up to which the log is in the columns. */
  get position(): number {
    return this.#gate.position;
  }

  /** Waits until the columns have this position; rejects with the signal's reason. */
  reached(position: number, signal: AbortSignal): Promise<void> {
    if (this.#gate.position < position) this.#send("hurry", position);
    return this.#gate.reached(position, signal);
  }

  viewTotals(project: number, video: number, span: Span): Promise<ViewTotals> {
    return this.#answer(this.#thread.call("viewTotals", project, video, span));
  }

  topVideos(
    project: number,
    span: Span,
    limit: number,
    after: TopCursor | undefined,
  ): Promise<VideoTotals[]> {
    return this.#answer(this.#thread.call("topVideos", project, span, limit, after));
  }

  async close(): Promise<void> {
    this.#stopFollowing();
    await this.#thread.call("close");
    await this.#thread.close();
  }

  #onEvent(event: ColumnsEvent): void {
    if ("failure" in event) {
      if (!this.#failing) this.#options.onFailure?.(event.failure);
      this.#failing = true;
      return;
    }
    const { position, head } = event;
    this.#failing = false;
    this.#gate.reach(position);
    const now = performance.now();
    if (head - position > FAR_BEHIND && now - this.#saidAt > CATCH_UP_WORD_MS) {
      this.#saidAt = now;
      this.#options.onCatchUp?.(position, head);
    }
  }

  /** While the columns cannot be used, that is why a question fails. */
  async #answer<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!this.#failing) throw error;
      throw unavailable("the counts cannot be read now", RETRY_AFTER_MS, error);
    }
  }

  #send(method: "advance" | "hurry", position: number): void {
    // A thread that died has told onFatal already.
    this.#thread.call(method, position).catch(() => {});
  }
}
