import { mkdir } from "node:fs/promises";
import type { Caller } from "../../src/caller.ts";
import type { CatalogItem } from "../../src/catalog/catalog.ts";
import { SqliteCatalog } from "../../src/catalog/items.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { Recommender } from "../../src/recommendations/recommender.ts";
import type { RecommendOptions } from "../../src/recommendations/recommendation.ts";
import { openState } from "../../src/storage/state.ts";
import { latencyOf } from "../wire/statistics.ts";
import { print, table } from "../analytics/print.ts";
import { genreOf, historyOf, itemName, viewerName, viewersOf } from "./data.ts";

/** Calls of each kind before any is measured, and measured ones. */
const warmUp = 500;
const measured = 2_000;
const BATCH = 1_000;
const DAY_MS = 86_400_000;

const caller: Caller = {
  project: 0,
  scopes: ["read", "write", "admin"],
  signal: new AbortController().signal,
  requestId: "bench",
};

/** What is asked for besides the defaults. */
const kinds: Readonly<Record<string, Partial<RecommendOptions>>> = {
  "as it is": {},
  "100 results": { maxResults: 100 },
  "a boosted category": { boosts: [{ target: "category", name: "genre-1", factor: 2 }] },
  diversity: { diversity: 0.3 },
  exploration: { exploration: 0.1 },
  explained: { explain: true },
};

/**
 * Fills a data directory with a catalog and views straight through the log, trains
 * a model, and measures how long the recommender takes for calls one after the
 * other, each for another viewer.
 */
export async function benchEngine(directory: string, items: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  const log = await SqliteLog.open({ directory });
  const state = await openState({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  const catalog = new SqliteCatalog(state);
  const recommender = await Recommender.open({
    log,
    catalog,
    dataDir: directory,
    trainIntervalMs: 0,
  });
  try {
    await recommender.caughtUp();
    if (log.position === 0) await fill(log, catalog, items);
    const started = performance.now();
    let info = await recommender.model(caller).catch(() => undefined);
    if (info === undefined) {
      for await (const _ of recommender.train(caller));
      info = await recommender.model(caller);
    }
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    const { users, interactions } = info;
    print(
      `${items} items, ${users} viewers, ${interactions} interactions; trained in ${seconds} s`,
    );
    // Until it is known which others new items resemble, each of them is looked at.
    await recommender.settled(caller);
    const rows: (string | number)[][] = [];
    for (const [name, options] of Object.entries(kinds)) {
      const { p50, p99 } = await latency(recommender, viewersOf(items), options);
      rows.push([name, Math.round(p50), Math.round(p99)]);
    }
    table(["Recommend in the engine", "median, µs", "p99, µs"], rows);
    print("");
  } finally {
    await recommender.close();
    await log.close();
    await state.destroy();
  }
}

async function fill(log: SqliteLog, catalog: SqliteCatalog, items: number): Promise<void> {
  for (let from = 0; from < items; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, items - from) }, (_, k): CatalogItem =>
      itemOf(from + k, items),
    );
    await catalog.upsert(caller, batch);
  }
  const now = Date.now();
  const viewers = viewersOf(items);
  for (let viewer = 0; viewer < viewers; viewer += BATCH / 50) {
    const views = Array.from({ length: Math.min(BATCH / 50, viewers - viewer) }, (_, k) =>
      historyOf(viewer + k, items).map((item, place) => ({
        video: itemName(item),
        viewer: viewerName(viewer + k),
        viewId: `${viewer + k}-${place}`,
        time: now - 30 * DAY_MS + place * 60_000,
        watchMs: 60_000,
        progress: -1,
        country: "",
        device: "",
        referrer: "",
        properties: "",
        bot: false,
      })),
    );
    await log.appendViews(caller, views.flat());
  }
}

function itemOf(item: number, items: number): CatalogItem {
  return {
    id: itemName(item),
    title: `Title of ${itemName(item)}`,
    creators: [`creator-${Math.floor(item / 5)}`],
    categories: [`genre-${genreOf(item, items)}`, `form-${item % 7}`],
    description: "",
    properties: {},
  };
}

async function latency(
  recommender: Recommender,
  viewers: number,
  options: Partial<RecommendOptions>,
): Promise<{ p50: number; p99: number }> {
  const micros = new Float64Array(measured);
  for (let call = -warmUp; call < measured; call++) {
    const started = performance.now();
    await recommender.recommend(caller, {
      user: viewerName((call + warmUp) % viewers),
      category: "",
      maxResults: 10,
      excludeIds: [],
      includeSeen: false,
      ...options,
    });
    if (call >= 0) micros[call] = (performance.now() - started) * 1_000;
  }
  return latencyOf(micros);
}
