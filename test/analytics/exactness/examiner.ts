import { Code, ConnectError, type Client } from "@connectrpc/connect";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import { answer } from "./answer.ts";
import { anyInterval, anyQuestion } from "./curiosity.ts";
import { audience, currentViewers, figures, topVideos, trendingVideos, within } from "./facts.ts";
import type { KnownView, Ledger } from "./ledger.ts";
import { inMs, intervalMessage, plainRow, questionMessage } from "./messages.ts";
import { videos, viewers } from "./pools.ts";
import type { Interval, Row, ViewsAnswer, ViewsQuestion } from "./question.ts";
import type { Random } from "./random.ts";
import { differences } from "./same.ts";

type Analytics = Client<typeof AnalyticsService>;

/** Beyond this many rows an answer takes longer to count naively than it is worth. */
const MAX_ROWS = 12_000;

/** Asks random questions, and notes where an answer is not what the ledger says. */
export class Examiner {
  readonly #analytics: Analytics;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #position: bigint;
  /** What was wrong, one text for each question. */
  readonly mistakes: string[] = [];
  /** How many questions there were of each kind. */
  readonly asked: Record<string, number> = {};

  /** Everything up to `position` must be in the answers. */
  constructor(analytics: Analytics, ledger: Ledger, random: Random, position: bigint) {
    this.#analytics = analytics;
    this.#ledger = ledger;
    this.#random = random;
    this.#position = position;
  }

  /** Asks for the totals of videos, and so many questions of all kinds. */
  async examine(questions: number): Promise<void> {
    for (const video of videos) await this.#stats(video, { from: undefined, to: undefined });
    for (let count = 0; count < questions; count++) {
      const kind = this.#random.next();
      if (kind < 0.12) {
        const video = this.#random.pick([...videos, "nobody viewed this"]);
        await this.#stats(video, anyInterval(this.#random));
      } else if (kind < 0.22) await this.#top();
      else if (kind < 0.3) await this.#trending();
      else if (kind < 0.38) await this.#audience();
      else if (kind < 0.44) await this.#live();
      else if (kind < 0.48) await this.#export();
      else await this.#query();
    }
  }

  async #stats(video: string, interval: Interval): Promise<void> {
    const views = this.#views(interval).filter((view) => view.video === video);
    const { averageWatchMs: _, ...expected } = figures(views);
    const stats = await this.#analytics.getViewStats({
      videoName: video,
      interval: intervalMessage(interval, 999_999),
      minPosition: this.#position,
    });
    this.#compare("GetViewStats", { video, interval }, expected, {
      views: Number(stats.views),
      uniqueViewers: Number(stats.uniqueViewers),
      watchMs: stats.watchDuration && inMs(stats.watchDuration),
      averageProgress: stats.averageProgress,
      completionRate: stats.completionRate,
      botViews: Number(stats.botViews),
    });
    this.#covers(stats.position);
  }

  async #top(): Promise<void> {
    const interval = anyInterval(this.#random);
    const pageSize = this.#random.pick([0, 3, 7, 20, 1_000]);
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
      if (page.videos.length > (pageSize || 10)) found.push("a page is too long");
      pageToken = page.nextPageToken;
      this.#covers(page.position);
    } while (pageToken !== "");
    const expected = topVideos(this.#ledger, interval);
    this.#compare("ListTopVideos", { interval, pageSize }, expected, found);
  }

  async #trending(): Promise<void> {
    const minutes = this.#random.pick([1, 5, 60, 1_440, 2_880, 44_640, 0]);
    const limit = this.#random.pick([0, 1, 2, 1_000]);
    const windowMs = (minutes || 1_440) * 60_000;
    const began = Date.now();
    const trending = await this.#analytics.listTrendingVideos({
      ...(minutes > 0 && { window: durationFromMs(windowMs) }),
      maxResults: limit,
      minPosition: this.#position,
    });
    const ended = Date.now();
    const found = trending.videos.map(({ videoName: video, views, previousViews, score }) => {
      return { video, views: Number(views), previousViews: Number(previousViews), score };
    });
    // The server's "now" is one of the moments of the call: those at which a
    // view comes into a window or leaves it give all answers that can be right.
    const moments = this.#ledger.views
      .flatMap(({ time }) => [0, 1, 2].map((windows) => time + windows * windowMs))
      .flatMap((moment) => [moment, moment + 1])
      .filter((moment) => moment > began && moment <= ended + 1);
    const answers = [began, ...new Set(moments)].map((now) =>
      trendingVideos(this.#ledger, windowMs, now, limit || 10),
    );
    const expected = answers.find((one) => differences(one, found).length === 0) ?? answers[0];
    this.#compare("ListTrendingVideos", { minutes, limit, now: began }, expected, found);
    this.#covers(trending.position);
  }

  async #audience(): Promise<void> {
    const video = this.#random.pick([...videos, "nobody viewed this"]);
    const interval = anyInterval(this.#random);
    const { views, reached } = audience(
      this.#views(interval).filter((view) => view.video === video),
    );
    const found = await this.#analytics.getAudienceRetention({
      videoName: video,
      interval: intervalMessage(interval, 1),
      minPosition: this.#position,
    });
    const points = reached.map((count, hundredth) => {
      return { progress: hundredth / 100, views: count, share: count / views };
    });
    const expected = { views, points };
    this.#compare("GetAudienceRetention", { video, interval }, expected, {
      views: Number(found.views),
      points: found.points.map(({ progress, views: count, share }) => {
        return { progress, views: Number(count), share };
      }),
    });
    this.#covers(found.position);
  }

  async #live(): Promise<void> {
    const names = this.#random.chance(0.3)
      ? []
      : this.#random.some([...videos, "nobody viewed this"], this.#random.between(1, 13));
    const counts = new Map<string, unknown>();
    const current = new Map<string, number>();
    let complete = false;
    const began = Date.now();
    const end = new AbortController();
    try {
      const stream = this.#analytics.watchViews({ videoNames: names }, { signal: end.signal });
      for await (const message of stream) {
        if (message.snapshot) counts.clear();
        complete ||= message.snapshot;
        for (const one of message.counts) {
          const { videoName, views, uniqueViewers, watchDuration } = one;
          current.set(videoName, Number(one.currentViewers));
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
    const wrong: string[] = [];
    const expected = (names.length === 0 ? [""] : names).map((name) => {
      const views = this.#ledger.views.filter(({ video }) => name === "" || video === name);
      const { views: count, uniqueViewers, watchMs } = figures(views);
      const { least, most } = currentViewers(views, began, Date.now());
      const told = current.get(name) ?? 0;
      if (told < least || told > most) {
        wrong.push(`${name}: ${told} current viewers, not from ${least} to ${most}`);
      }
      return [name, { views: count, uniqueViewers, watchMs }];
    });
    const counted = { ...Object.fromEntries(counts), wrong };
    this.#compare("WatchViews", { names }, { ...Object.fromEntries(expected), wrong: [] }, counted);
  }

  async #export(): Promise<void> {
    const interval = anyInterval(this.#random);
    const viewer = this.#random.chance(0.5) ? "" : this.#random.pick([...viewers, "unknown"]);
    const found: unknown[] = [];
    let last = 0n;
    let position = 0n;
    for await (const message of this.#analytics.exportViews({
      interval: intervalMessage(interval),
      viewerId: viewer,
    })) {
      for (const view of message.views) {
        if (view.position <= last) found.push("positions do not grow");
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
      if (message.views.length > 1_000) found.push("a message is too long");
      position = message.position;
    }
    const expected = this.#views(interval)
      .filter((view) => viewer === "" || view.viewer === viewer)
      .map(exported);
    this.#compare("ExportViews", { interval, viewer }, expected, found);
    this.#covers(position);
  }

  async #query(): Promise<void> {
    let question = anyQuestion(this.#random);
    let expected = answer(this.#ledger, question, MAX_ROWS);
    while (expected === undefined) {
      question = anyQuestion(this.#random);
      expected = answer(this.#ledger, question, MAX_ROWS);
    }
    const found = await this.#answerTo(question, expected);
    this.#compare("QueryViews", question, expected, found);
  }

  async #answerTo(question: ViewsQuestion, expected: ViewsAnswer): Promise<unknown> {
    const rows: Row[] = [];
    let previousInterval: Interval | undefined;
    let pageToken = "";
    // Small pages of a large answer would take forever.
    const size = expected === "too many buckets" ? 0 : expected.rows.length;
    const pageSize = size > 40 * (question.pageSize || 100) ? 997 : question.pageSize;
    try {
      do {
        const page = await this.#analytics.queryViews(
          questionMessage({ ...question, pageSize }, this.#position, pageToken),
        );
        rows.push(...page.rows.map(plainRow));
        if (page.rows.length > (pageSize || 100)) return "a page is too long";
        previousInterval = page.previousInterval && {
          from: page.previousInterval.startTime && inMs(page.previousInterval.startTime),
          to: page.previousInterval.endTime && inMs(page.previousInterval.endTime),
        };
        pageToken = page.nextPageToken;
        this.#covers(page.position);
      } while (pageToken !== "");
    } catch (error) {
      if (error instanceof ConnectError && error.code === Code.InvalidArgument) {
        return /more than 10,?000 buckets/.test(error.message) ? "too many buckets" : error.message;
      }
      return String(error);
    }
    return { rows, previousInterval };
  }

  #views(interval: Interval): KnownView[] {
    return this.#ledger.views.filter((view) => within(view, interval));
  }

  #covers(position: bigint): void {
    if (position < this.#position) {
      this.mistakes.push(`an answer covers ${position}, not ${this.#position}`);
    }
  }

  #compare(kind: string, question: unknown, expected: unknown, found: unknown): void {
    this.asked[kind] = (this.asked[kind] ?? 0) + 1;
    const wrong = differences(expected, found);
    if (wrong.length === 0) return;
    const lines = [`${kind} ${JSON.stringify(question)}`, ...wrong.slice(0, 8)];
    if (wrong.length > 8) lines.push(`and ${wrong.length - 8} differences more`);
    this.mistakes.push(
      [...lines, `expected ${brief(expected)}`, `answered ${brief(found)}`].join("\n  "),
    );
  }
}

/** A view as ExportViews must tell it. */
function exported(view: KnownView): unknown {
  return {
    id: view.id,
    video: view.video,
    viewer: view.viewer,
    time: view.time,
    watchMs: view.watchMs,
    progress: view.progress === undefined ? undefined : view.progress / 1_000,
    country: view.country,
    device: view.device,
    referrer: view.referrer,
    properties: [...view.properties].toSorted(),
    bot: view.bot,
  };
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text;
}
