import type { Client } from "@connectrpc/connect";
import type { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import { figures } from "./facts.ts";
import type { Ledger } from "./ledger.ts";
import { inMs } from "./messages.ts";
import { differences } from "./same.ts";

/** How long counts may take to be as they have to, in milliseconds. */
const PATIENCE = 10_000;

/** Follows counts while they change. */
export class Watch {
  readonly #videoNames: readonly string[];
  readonly #counts = new Map<string, unknown>();
  readonly #end = new AbortController();
  readonly #watching: Promise<void>;
  #failure: unknown;

  /** Watches these videos, or all together if there are none, until it is stopped. */
  constructor(analytics: Client<typeof AnalyticsService>, videoNames: readonly string[]) {
    this.#videoNames = videoNames;
    this.#watching = this.#watch(analytics).catch((error: unknown) => {
      if (!this.#end.signal.aborted) this.#failure = error;
    });
  }

  /** Waits until the counts are those of a ledger, and says what is not if they do not become so. */
  async check(ledger: Ledger): Promise<string[]> {
    const names = this.#videoNames.length === 0 ? [""] : this.#videoNames;
    const expected = names.map((name) => {
      const views = ledger.views.filter(({ video }) => name === "" || video === name);
      const { views: count, uniqueViewers, watchMs } = figures(views);
      return [name, { views: count, uniqueViewers, watchMs }];
    });
    const patience = Date.now() + PATIENCE;
    for (;;) {
      if (this.#failure !== undefined) return [`WatchViews failed: ${String(this.#failure)}`];
      const counts = Object.fromEntries(this.#counts);
      const wrong = differences(Object.fromEntries(expected), counts, "WatchViews");
      if (wrong.length === 0 || Date.now() > patience) return wrong;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#watching;
  }

  async #watch(analytics: Client<typeof AnalyticsService>): Promise<void> {
    const request = { videoNames: [...this.#videoNames] };
    for await (const message of analytics.watchViews(request, { signal: this.#end.signal })) {
      if (message.snapshot) this.#counts.clear();
      for (const { videoName, views, uniqueViewers, watchDuration } of message.counts) {
        this.#counts.set(videoName, {
          views: Number(views),
          uniqueViewers: Number(uniqueViewers),
          watchMs: watchDuration ? inMs(watchDuration) : 0,
        });
      }
    }
  }
}
