import type { Caller } from "../caller.ts";
import { invalidField } from "../errors.ts";
import type { Log } from "../log/log.ts";
import { pageToken, readPageToken } from "../page-token.ts";
import type {
  AnsweredQueries,
  Asking,
  Span,
  TopCursor,
  TrendingVideo,
  ViewCounts,
  ViewTotals,
} from "./columns/columns.ts";
import { answerViews } from "./query/answer-views.ts";
import { videoNames } from "./query/video-names.ts";
import type { PageQuery, ViewsAnswer, ViewsQuestion } from "./query/views-question.ts";
import { retentionOf, type Retention } from "./query/retention.ts";

/** What is known of one video, by its name. */
interface Named {
  readonly name: string;
}

export interface TopVideos {
  readonly videos: readonly (ViewCounts & Named)[];
  /** "" on the last page. */
  readonly nextPageToken: string;
  readonly position: number;
}

export interface TopVideosQuery extends PageQuery {
  readonly span: Span;
}

export interface VideoQuery {
  readonly video: string;
  readonly span: Span;
  readonly minPosition: number;
}

export interface TrendingQuery {
  /** How long the time is that is compared: milliseconds. */
  readonly windowMs: number;
  readonly maxResults: number;
  readonly minPosition: number;
}

/** The columns of a log, as far as questions need them. */
type QuestionedColumns = Pick<
  AnsweredQueries,
  "viewTotals" | "topVideos" | "trending" | "retention" | "query" | "viewRows"
> & {
  readonly position: number;
  reached(position: number, signal: AbortSignal): Promise<void>;
};

const NOTHING: ViewTotals = {
  views: 0,
  uniqueViewers: 0,
  watchMs: 0,
  botViews: 0,
  progressViews: 0,
  progressSum: 0,
  completed: 0,
};

/** Answers questions about views. */
export class Questions {
  readonly #log: Log;
  readonly #columns: QuestionedColumns;

  constructor(log: Log, columns: QuestionedColumns) {
    this.#log = log;
    this.#columns = columns;
  }

  /** What is known of a video. */
  async viewStats(caller: Caller, query: VideoQuery): Promise<ViewTotals & { position: number }> {
    const asking = this.#asking(caller, query.minPosition);
    const video = await this.#log.findName(caller.project, "video", query.video);
    if (video === undefined) return { ...NOTHING, position: await this.#reach(asking) };
    const { project } = caller;
    const answer = await this.#columns.viewTotals(project, video, query.span, asking);
    return { ...answer.value, position: answer.position };
  }

  /** How far into a video its views got. */
  async audienceRetention(
    caller: Caller,
    query: VideoQuery,
  ): Promise<Retention & { position: number }> {
    const asking = this.#asking(caller, query.minPosition);
    const video = await this.#log.findName(caller.project, "video", query.video);
    if (video === undefined) return { ...retentionOf([]), position: await this.#reach(asking) };
    const { project } = caller;
    const answer = await this.#columns.retention(project, video, query.span, asking);
    return { ...retentionOf(answer.value), position: answer.position };
  }

  /** A page of the videos with the most views. */
  async topVideos(caller: Caller, query: TopVideosQuery): Promise<TopVideos> {
    const { project } = caller;
    const filter = [project, query.span.from ?? null, query.span.to ?? null];
    const after = readPageToken(query.pageToken, filter, isTopCursor);
    const asking = this.#asking(caller, query.minPosition);
    const limit = query.pageSize + 1;
    const answer = await this.#columns.topVideos(project, query.span, limit, after, asking);
    const page = answer.value.slice(0, query.pageSize);
    const last = page.at(-1);
    return {
      videos: await this.#named(project, page),
      nextPageToken:
        answer.value.length > page.length && last !== undefined
          ? pageToken(filter, { views: last.views, video: last.video } satisfies TopCursor)
          : "",
      position: answer.position,
    };
  }

  /** The videos whose views grow most up to now, against the time before. */
  async trendingVideos(
    caller: Caller,
    { windowMs, maxResults, minPosition }: TrendingQuery,
  ): Promise<{ videos: (TrendingVideo & Named)[]; position: number }> {
    const asking = this.#asking(caller, minPosition);
    // The millisecond that it is now belongs to the window.
    const to = Date.now() + 1;
    const spans = { from: to - 2 * windowMs, middle: to - windowMs, to };
    const { project } = caller;
    const answer = await this.#columns.trending(project, spans, maxResults, asking);
    return { videos: await this.#named(project, answer.value), position: answer.position };
  }

  /** A page of the answer to a question about views. */
  async queryViews(caller: Caller, question: ViewsQuestion, page: PageQuery): Promise<ViewsAnswer> {
    // For its check of the position.
    this.#asking(caller, page.minPosition);
    return answerViews({ log: this.#log, columns: this.#columns }, caller, question, page);
  }

  /** How columns are asked so that the answer covers a position. */
  #asking({ signal }: Caller, minPosition: number): Required<Asking> {
    if (minPosition > this.#log.position) {
      throw invalidField(
        "min_position",
        `Must not be beyond the end of the log, which is at ${this.#log.position}.`,
      );
    }
    return { signal, minPosition };
  }

  /** Waits for a position in the columns, and tells the one that they have. */
  async #reach({ minPosition, signal }: Required<Asking>): Promise<number> {
    await this.#columns.reached(minPosition, signal);
    return this.#columns.position;
  }

  async #named<T extends { readonly video: number }>(
    project: number,
    videos: readonly T[],
  ): Promise<(T & Named)[]> {
    const names = await videoNames(
      this.#log,
      project,
      videos.map(({ video }) => video),
    );
    return videos.map((of) => ({ ...of, name: names.get(of.video) ?? "" }));
  }
}

function isTopCursor(value: unknown): value is TopCursor {
  return (
    typeof value === "object" &&
    value !== null &&
    "views" in value &&
    Number.isSafeInteger(value.views) &&
    "video" in value &&
    Number.isSafeInteger(value.video)
  );
}
