import type { Client } from "@connectrpc/connect";
import type { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import { answer } from "./answer.ts";
import { Asker } from "./asker.ts";
import { anyInterval, anyQuestion } from "./curiosity.ts";
import { audience, currentViewers, figures, topVideos, trendingVideos, within } from "./facts.ts";
import type { KnownView, Ledger } from "./ledger.ts";
import { videos, viewers } from "./pools.ts";
import type { Interval } from "./question.ts";
import type { Random } from "./random.ts";
import { differences } from "./same.ts";

/** Beyond this many rows an answer takes longer to count naively than it is worth. */
const MAX_ROWS = 12_000;

/** Asks random questions, and notes where an answer is not what the ledger says. */
export class Examiner {
  readonly #asker: Asker;
  readonly #ledger: Ledger;
  readonly #random: Random;
  /** Moments of views, and those right after them; of the first and the last view above all. */
  readonly #times: readonly number[];
  /** What was wrong, one text for each question. */
  readonly mistakes: string[] = [];
  /** How many questions there were of each kind. */
  readonly asked: Record<string, number> = {};

  /** Everything up to `position` must be in the answers. */
  constructor(
    analytics: Client<typeof AnalyticsService>,
    ledger: Ledger,
    random: Random,
    position: bigint,
  ) {
    this.#asker = new Asker(analytics, position);
    this.#ledger = ledger;
    this.#random = random;
    const times = ledger.views.map(({ time }) => time).toSorted((a, b) => a - b);
    const some = [times.at(0), times.at(-1), times.at(-1), ...random.some(times, 6)];
    this.#times = some.flatMap((time) => (time === undefined ? [] : [time, time + 1]));
  }

  /** Asks for the totals of videos, and so many questions of all kinds. */
  async examine(questions: number): Promise<void> {
    for (const video of videos) await this.#stats(video, { from: undefined, to: undefined });
    await this.#edges();
    for (let count = 0; count < questions; count++) {
      const kind = this.#random.next();
      if (kind < 0.12) {
        const video = this.#random.pick([...videos, "nobody viewed this"]);
        await this.#stats(video, anyInterval(this.#random, this.#times));
      } else if (kind < 0.22) await this.#top(anyInterval(this.#random, this.#times));
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
    const found = await this.#asker.stats(video, interval);
    this.#compare("GetViewStats", { video, interval }, expected, found);
  }

  /** Intervals that have all views, or all but the first or the last moment of any. */
  async #edges(): Promise<void> {
    const views = this.#ledger.views.toSorted((a, b) => a.time - b.time);
    const [first, last] = [views.at(0), views.at(-1)];
    if (first === undefined || last === undefined) return;
    for (const interval of [
      { from: first.time, to: last.time + 1 },
      { from: first.time + 1, to: undefined },
      { from: undefined, to: last.time },
    ]) {
      for (const { video } of [first, last]) await this.#stats(video, interval);
      await this.#top(interval);
    }
  }

  async #top(interval: Interval): Promise<void> {
    const pageSize = this.#random.pick([0, 3, 7, 20, 1_000]);
    const expected = topVideos(this.#ledger, interval);
    const found = await this.#asker.top(interval, pageSize);
    this.#compare("ListTopVideos", { interval, pageSize }, expected, found);
  }

  async #trending(): Promise<void> {
    const minutes = this.#random.pick([1, 5, 60, 1_440, 2_880, 44_640, 0]);
    const limit = this.#random.pick([0, 1, 2, 1_000]);
    const windowMs = (minutes || 1_440) * 60_000;
    const began = Date.now();
    const found = await this.#asker.trending(minutes * 60_000, limit);
    const ended = Date.now();
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
  }

  async #audience(): Promise<void> {
    const video = this.#random.pick([...videos, "nobody viewed this"]);
    const interval = anyInterval(this.#random, this.#times);
    const { views, reached } = audience(
      this.#views(interval).filter((view) => view.video === video),
    );
    const points = reached.map((count, hundredth) => {
      return { progress: hundredth / 100, views: count, share: count / views };
    });
    const found = await this.#asker.audience(video, interval);
    this.#compare("GetAudienceRetention", { video, interval }, { views, points }, found);
  }

  async #live(): Promise<void> {
    const names = this.#random.chance(0.3)
      ? []
      : this.#random.some([...videos, "nobody viewed this"], this.#random.between(1, 13));
    const began = Date.now();
    const { counts, current } = await this.#asker.live(names);
    const ended = Date.now();
    const wrong: string[] = [];
    const expected = (names.length === 0 ? [""] : names).map((name) => {
      const views = this.#ledger.views.filter(({ video }) => name === "" || video === name);
      const { views: count, uniqueViewers, watchMs } = figures(views);
      const { least, most } = currentViewers(views, began, ended);
      const told = current.get(name) ?? -1;
      if (told < least || told > most) {
        wrong.push(`${name}: ${told} current viewers, not from ${least} to ${most}`);
      }
      return [name, { views: count, uniqueViewers, watchMs }];
    });
    const right = { counts: Object.fromEntries(expected), wrong: [] };
    this.#compare("WatchViews", { names }, right, { counts, wrong });
  }

  async #export(): Promise<void> {
    const interval = anyInterval(this.#random, this.#times);
    const viewer = this.#random.chance(0.5) ? "" : this.#random.pick([...viewers, "unknown"]);
    const expected = this.#views(interval)
      .filter((view) => viewer === "" || view.viewer === viewer)
      .map(exported);
    const found = await this.#asker.exported(interval, viewer);
    this.#compare("ExportViews", { interval, viewer }, expected, found);
  }

  async #query(): Promise<void> {
    let question = anyQuestion(this.#random, this.#times);
    let expected = answer(this.#ledger, question, MAX_ROWS);
    while (expected === undefined) {
      question = anyQuestion(this.#random, this.#times);
      expected = answer(this.#ledger, question, MAX_ROWS);
    }
    // Small pages of a large answer would take forever.
    const size = expected === "too many buckets" ? 0 : expected.rows.length;
    if (size > 40 * (question.pageSize || 100)) question = { ...question, pageSize: 997 };
    const found = await this.#asker.views(question);
    this.#compare("QueryViews", question, expected, found);
  }

  #views(interval: Interval): KnownView[] {
    return this.#ledger.views.filter((view) => within(view, interval));
  }

  #compare(kind: string, question: unknown, expected: unknown, found: unknown): void {
    this.asked[kind] = (this.asked[kind] ?? 0) + 1;
    const wrong = [...differences(expected, found), ...this.#asker.complaints.splice(0)];
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
