import type {
  Answer,
  ColumnQueries,
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
import type { ViewQuery } from "./view-query.ts";
import type { Arguments, QuestionName, Value } from "./questions/questions.ts";

/** All questions, of columns that are asked by the names of questions. */
export abstract class AskedByName implements ColumnQueries {
  /** Answers a question, with the position of the moment that the answer is about. */
  abstract answer<Name extends QuestionName>(
    name: Name,
    args: Arguments<Name>,
    signal?: AbortSignal,
  ): Promise<Answer<Value<Name>>>;

  async viewTotals(
    project: number,
    video: number | undefined,
    span: Span,
    signal?: AbortSignal,
  ): Promise<ViewTotals> {
    return (await this.answer("viewTotals", [project, video, span], signal)).value;
  }

  async topVideos(
    project: number,
    span: Span,
    limit: number,
    after: TopCursor | undefined,
    signal?: AbortSignal,
  ): Promise<VideoTotals[]> {
    return (await this.answer("topVideos", [project, span, limit, after], signal)).value;
  }

  async trending(
    project: number,
    spans: TwoSpans,
    limit: number,
    signal?: AbortSignal,
  ): Promise<TrendingVideo[]> {
    return (await this.answer("trending", [project, spans, limit], signal)).value;
  }

  async retention(
    project: number,
    video: number,
    span: Span,
    signal?: AbortSignal,
  ): Promise<ProgressStep[]> {
    return (await this.answer("retention", [project, video, span], signal)).value;
  }

  async liveSnapshot(
    project: number,
    videos: readonly number[] | undefined,
    currentSince: number,
    signal?: AbortSignal,
  ): Promise<LiveSnapshot> {
    const args: Arguments<"liveCounts"> = [project, videos, currentSince];
    const { position, value } = await this.answer("liveCounts", args, signal);
    return { position, counts: value };
  }

  async viewRows(query: ViewQuery, signal?: AbortSignal): Promise<Row[]> {
    return (await this.answer("viewRows", [query], signal)).value;
  }

  async query(sql: string, values: readonly QueryValue[], signal?: AbortSignal): Promise<Row[]> {
    return (await this.answer("query", [sql, values], signal)).value;
  }
}
