import type { Client } from "@connectrpc/connect";
import type { AdminService } from "../../../gen/admin/v1/admin_service_pb.js";
import { LogEntryKind, type LogEntry } from "../../../gen/admin/v1/log_entry_pb.js";
import { figures } from "./facts.ts";
import type { Ledger } from "./ledger.ts";
import { inMs } from "./messages.ts";
import { differences } from "./same.ts";

/** What is added up of the entries of one group. */
interface Totals {
  views: number;
  botViews: number;
  watchMs: number;
  told: number;
  thousandths: number;
  ended: number;
  readonly viewers: Set<unknown>;
}

/**
 * A projection of the log that another program may make: it keeps the entries
 * of views, throws away those of an erased viewer, and adds up what is left.
 */
export class Replay {
  #entries: LogEntry[] = [];
  #position = 0n;
  readonly #end = new AbortController();
  readonly #reading: Promise<void>;
  #failure: unknown;

  /** Reads from the beginning of the log on, until it is stopped. */
  constructor(admin: Client<typeof AdminService>) {
    this.#reading = this.#read(admin).catch((error: unknown) => {
      if (!this.#end.signal.aborted) this.#failure = error;
    });
  }

  /** Waits until a position has been read, and says where the totals differ from a ledger. */
  async check(ledger: Ledger, position: bigint): Promise<string[]> {
    const patience = Date.now() + 30_000;
    while (this.#position < position) {
      if (this.#failure !== undefined) return [`TailLog failed: ${String(this.#failure)}`];
      if (Date.now() > patience) return [`TailLog is at ${this.#position}, not ${position}`];
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return differences(totalsOf(ledger), this.#totals(), "TailLog");
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#reading;
  }

  async #read(admin: Client<typeof AdminService>): Promise<void> {
    for await (const { entries } of admin.tailLog({}, { signal: this.#end.signal })) {
      for (const entry of entries) {
        if (entry.position <= this.#position) throw new Error("positions do not grow");
        if (entry.kind === LogEntryKind.ERASE) {
          this.#entries = this.#entries.filter((one) => one.viewerNumber !== entry.viewerNumber);
        } else if (entry.kind !== LogEntryKind.FEEDBACK) {
          this.#entries.push(entry);
        }
        this.#position = entry.position;
      }
    }
  }

  #totals(): Record<string, unknown> {
    const groups = new Map<string, Totals>();
    for (const entry of this.#entries) {
      const key = groupOf({ ...entry, time: entry.time ? inMs(entry.time) : 0 });
      const totals = groups.get(key) ?? {
        views: 0,
        botViews: 0,
        watchMs: 0,
        told: 0,
        thousandths: 0,
        ended: 0,
        viewers: new Set(),
      };
      groups.set(key, totals);
      add(totals, entry);
    }
    return Object.fromEntries(
      [...groups].map(([key, { viewers, ...sums }]) => [key, { ...sums, viewers: viewers.size }]),
    );
  }
}

function add(totals: Totals, entry: LogEntry): void {
  const isView = entry.kind === LogEntryKind.VIEW;
  if (entry.bot) {
    if (isView) totals.botViews++;
    return;
  }
  if (isView) totals.views++;
  if (entry.viewerNumber !== 0n) totals.viewers.add(entry.viewerNumber);
  totals.watchMs += entry.watchDuration ? inMs(entry.watchDuration) : 0;
  if (entry.progress === undefined) return;
  const now = Math.round(entry.progress * 1_000);
  const before = Math.round((entry.previousProgress ?? 0) * 1_000);
  if (entry.previousProgress === undefined) totals.told++;
  totals.thousandths += now - before;
  if (now >= 950 && before < 950) totals.ended++;
}

/** The same totals as the ledger has them. */
function totalsOf(ledger: Ledger): Record<string, unknown> {
  const groups = Map.groupBy(ledger.views, (view) =>
    groupOf({ ...view, videoName: view.video, properties: Object.fromEntries(view.properties) }),
  );
  return Object.fromEntries(
    [...groups].map(([key, views]) => {
      const { views: count, botViews, watchMs, uniqueViewers } = figures(views);
      const told = views.flatMap(({ bot, progress }) =>
        bot || progress === undefined ? [] : [progress],
      );
      return [
        key,
        {
          views: count,
          botViews,
          watchMs,
          told: told.length,
          thousandths: told.reduce((sum, progress) => sum + progress, 0),
          ended: told.filter((progress) => progress >= 950).length,
          viewers: uniqueViewers,
        },
      ];
    }),
  );
}

function groupOf(of: {
  readonly videoName: string;
  readonly time: number;
  readonly country: string;
  readonly device: string;
  readonly referrer: string;
  readonly properties: Readonly<Record<string, string>>;
}): string {
  const properties = Object.entries(of.properties).toSorted();
  return JSON.stringify([of.videoName, of.time, of.country, of.device, of.referrer, properties]);
}
