import { setTimeout as sleep } from "node:timers/promises";
import { Metric, DimensionKind } from "../../gen/analytics/v1/query_pb.js";
import type { MarqueeClient } from "../../src/client/index.ts";
import { batchOf, history } from "./history.ts";
import { encodeBatch, ingest } from "./ingest-load.ts";
import { print, table } from "./print.ts";
import { startServer } from "./server.ts";

/** How fast views come in meanwhile. */
const perSecond = 50_000;
const batchSize = 1_000;
/** How long: seconds. */
const seconds = 20;
/** How often each question is asked until it knows the view: milliseconds. */
const pollMs = 10;
/** When it is given up: milliseconds. */
const patienceMs = 10_000;

/** One way to see a view: how often the video was viewed. */
type Look = (client: MarqueeClient, video: string) => Promise<number>;

const looks: Record<string, Look> = {
  GetViewStats: async (client, videoName) =>
    Number((await client.analytics.getViewStats({ videoName })).views),
  QueryViews: async (client, video) => {
    const dimension = { kind: DimensionKind.VIDEO };
    const answer = await client.analytics.queryViews({
      metrics: [Metric.VIEWS],
      filters: [{ condition: { case: "in", value: { dimension, values: [video] } } }],
    });
    return Number(answer.rows[0]?.metrics?.views ?? 0);
  },
  ListTopVideos: async (client, video) => {
    const interval = { startTime: { seconds: BigInt(Math.floor(Date.now() / 1_000) + 60) } };
    const { videos } = await client.analytics.listTopVideos({ interval, pageSize: 1_000 });
    return Number(videos.find(({ videoName }) => videoName === video)?.views ?? 0);
  },
};

/** How long after its acknowledgement a view is seen, while many others come in. */
export async function benchVisibility(directory: string): Promise<void> {
  print(`visibility of a view while ${perSecond} views/s come in, for ${seconds} s`);
  const server = await startServer({ directory });
  const found = new Map<string, number[]>();
  try {
    const count = perSecond * seconds;
    const batches: Buffer[] = [];
    let rows = [];
    for (const row of history(count, 3, Date.now() - 60_000)) {
      rows.push(row);
      if (rows.length < batchSize) continue;
      batches.push(encodeBatch(batches.length + 1, batchOf(rows)));
      rows = [];
    }
    let isOver = false;
    const loading = ingest(server.url, batches.values(), batchSize, { perSecond }).finally(() => {
      isOver = true;
    });
    await sleep(1_000);
    const probes = [
      ...Object.entries(looks).map(([name, look]) =>
        probe(server.client, name, look, () => isOver),
      ),
      watch(server.client, () => isOver),
    ];
    for (const { name, delays } of await Promise.all(probes)) found.set(name, delays);
    const { seconds: took } = await loading;
    print(`${Math.round(count / took)} views/s came in`);
  } finally {
    await server.stop();
  }
  table(
    ["seen by", "views", "median ms", "p99 ms", "most ms"],
    [...found].map(([name, delays]) => {
      const sorted = delays.toSorted((a, b) => a - b);
      const at = (share: number): string =>
        (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0);
      return [name, sorted.length, at(0.5), at(0.99), at(1)];
    }),
  );
  print("");
}

interface Delays {
  readonly name: string;
  readonly delays: number[];
}

async function probe(
  client: MarqueeClient,
  name: string,
  look: Look,
  isOver: () => boolean,
): Promise<Delays> {
  const delays: number[] = [];
  for (let index = 0; !isOver(); index++) {
    const video = `probe-${name}-${index}`;
    // Later than all others, so that a question about the future finds it alone.
    const startTime = { seconds: BigInt(Math.floor(Date.now() / 1_000) + 120) };
    await client.analytics.logView({ videoName: video, viewerId: `probe-${index}`, startTime });
    const acknowledged = performance.now();
    while ((await look(client, video)) === 0) {
      if (performance.now() - acknowledged > patienceMs) throw new Error(`${name} does not see it`);
      await sleep(pollMs);
    }
    delays.push(performance.now() - acknowledged);
    await sleep(50);
  }
  return { name, delays };
}

/** WatchViews of one video, which is viewed again and again. */
async function watch(client: MarqueeClient, isOver: () => boolean): Promise<Delays> {
  const video = "probe-watched";
  const delays: number[] = [];
  const ended = new AbortController();
  const waiting = new Map<number, number>();
  const watching = (async () => {
    for await (const { counts } of client.analytics.watchViews(
      { videoNames: [video] },
      { signal: ended.signal },
    )) {
      const views = Number(counts[0]?.views ?? 0);
      for (const [index, acknowledged] of waiting) {
        if (index > views) continue;
        delays.push(Math.max(0, performance.now() - acknowledged));
        waiting.delete(index);
      }
    }
  })().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
  for (let index = 1; !isOver(); index++) {
    waiting.set(index, Infinity);
    await client.analytics.logView({ videoName: video });
    if (waiting.has(index)) waiting.set(index, performance.now());
    await sleep(100);
  }
  await sleep(500);
  ended.abort();
  await watching;
  if (waiting.size > 1) throw new Error(`${waiting.size} views were never seen`);
  return { name: "WatchViews", delays };
}
