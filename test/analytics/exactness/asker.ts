import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Client } from "@connectrpc/connect";
import type { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import { inMs, intervalMessage, plainRow, questionMessage } from "./messages.ts";
import type { Interval, Row, ViewsQuestion } from "./question.ts";

/** Asks a server, and has its answers as plain data: all pages of them, and whole streams. */
export class Asker {
  readonly #analytics: Client<typeof AnalyticsService>;
  readonly #position: bigint;
  /** What was wrong with how answers came. */
  readonly complaints: string[] = [];

  /** Every answer must cover the log up to `position`. */
  constructor(analytics: Client<typeof AnalyticsService>, position: bigint) {
    this.#analytics = analytics;
    this.#position = position;
  }

  async stats(video: string, interval: Interval): Promise<unknown> {
    const stats = await this.#analytics.getViewStats({
      videoName: video,
      interval: intervalMessage(interval, 999_999),
      minPosition: this.#position,
    });
    this.#covers(stats.position);
    return {
      views: Number(stats.views),
      uniqueViewers: Number(stats.uniqueViewers),
      watchMs: stats.watchDuration && inMs(stats.watchDuration),
      averageProgress: stats.averageProgress,
      completionRate: stats.completionRate,
      botViews: Number(stats.botViews),
    };
  }

  async top(interval: Interval, pageSize: number): Promise<unknown> {
    const found: unknown[] = [];
    let pageToken = "";
    do {
      const page = await this.#analytics.listTopVideos({
        interval: intervalMessage(interval),
        pageSize,
        pageToken,
        minPosition: this.#position,
      });
      for (const { videoName: video, views, uniqueViewers, watchDuration } of page.videos) {
        found.push({
          video,
          views: Number(views),
          uniqueViewers: Number(uniqueViewers),
          watchMs: watchDuration && inMs(watchDuration),
        });
      }
      this.#holds("a page of ListTopVideos", page.videos.length, pageSize || 10);
      this.#covers(page.position);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return found;
  }

  /** 0 stands for the default. */
  async trending(windowMs: number, maxResults: number): Promise<unknown> {
    const trending = await this.#analytics.listTrendingVideos({
      ...(windowMs > 0 && { window: durationFromMs(windowMs) }),
      maxResults,
      minPosition: this.#position,
    });
    this.#covers(trending.position);
    return trending.videos.map(({ videoName: video, views, previousViews, score }) => {
      return { video, views: Number(views), previousViews: Number(previousViews), score };
    });
  }

  async audience(video: string, interval: Interval): Promise<unknown> {
    const found = await this.#analytics.getAudienceRetention({
      videoName: video,
      interval: intervalMessage(interval, 1),
      minPosition: this.#position,
    });
    this.#covers(found.position);
    return {
      views: Number(found.views),
      points: found.points.map(({ progress, views, share }) => {
        return { progress, views: Number(views), share };
      }),
    };
  }

  /** The counts of a stream, once they cover the position, by the names of their videos. */
  async live(
    videoNames: string[],
  ): Promise<{ counts: Record<string, unknown>; current: Map<string, number> }> {
    const counts = new Map<string, unknown>();
    const current = new Map<string, number>();
    let complete = false;
    const end = new AbortController();
    try {
      const stream = this.#analytics.watchViews({ videoNames }, { signal: end.signal });
      for await (const message of stream) {
        if (message.snapshot) counts.clear();
        complete ||= message.snapshot;
        for (const { videoName, views, uniqueViewers, watchDuration, ...more } of message.counts) {
          current.set(videoName, Number(more.currentViewers));
          counts.set(videoName, {
            views: Number(views),
            uniqueViewers: Number(uniqueViewers),
            watchMs: watchDuration ? inMs(watchDuration) : 0,
          });
        }
        if (complete && message.position >= this.#position) break;
      }
    } finally {
      end.abort();
    }
    return { counts: Object.fromEntries(counts), current };
  }

  async exported(interval: Interval, viewerId: string): Promise<unknown> {
    const found: unknown[] = [];
    let last = 0n;
    let position = 0n;
    const request = { interval: intervalMessage(interval), viewerId };
    for await (const message of this.#analytics.exportViews(request)) {
      for (const view of message.views) {
        if (view.position <= last) this.complaints.push("positions of ExportViews do not grow");
        last = view.position;
        found.push({
          id: view.viewId,
          video: view.videoName,
          viewer: view.viewerId,
          time: view.startTime && inMs(view.startTime),
          watchMs: view.watchDuration ? inMs(view.watchDuration) : 0,
          progress: view.progress,
          country: view.country,
          device: view.device,
          referrer: view.referrer,
          properties: Object.entries(view.properties).toSorted(),
          bot: view.bot,
        });
      }
      this.#holds("a message of ExportViews", message.views.length, 1_000);
      position = message.position;
    }
    this.#covers(position);
    return found;
  }

  /** A ViewsAnswer, or how the call failed. */
  async views(question: ViewsQuestion): Promise<unknown> {
    const rows: Row[] = [];
    let previousInterval: Interval | undefined;
    let pageToken = "";
    try {
      do {
        const page = await this.#analytics.queryViews(
          questionMessage(question, this.#position, pageToken),
        );
        rows.push(...page.rows.map(plainRow));
        previousInterval = page.previousInterval && {
          from: page.previousInterval.startTime && inMs(page.previousInterval.startTime),
          to: page.previousInterval.endTime && inMs(page.previousInterval.endTime),
        };
        this.#holds("a page of QueryViews", page.rows.length, question.pageSize || 100);
        this.#covers(page.position);
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
    } catch (error) {
      if (error instanceof ConnectError && error.code === Code.InvalidArgument) {
        return /more than 10,?000 buckets/.test(error.message) ? "too many buckets" : error.message;
      }
      return String(error);
    }
    return { rows, previousInterval };
  }

  #covers(position: bigint): void {
    if (position >= this.#position) return;
    this.complaints.push(`an answer covers ${position}, not ${this.#position}`);
  }

  #holds(what: string, count: number, most: number): void {
    if (count > most) this.complaints.push(`${what} has ${count}, not at most ${most}`);
  }
}
