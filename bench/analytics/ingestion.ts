import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { follow } from "../wire/child.ts";
import { median } from "../wire/statistics.ts";
import { batchOf, history, type ViewRow } from "./history.ts";
import { encodeBatch, ingest } from "./ingest-load.ts";
import { print, table } from "./print.ts";
import { startServer } from "./server.ts";

/** How many views a batch has. */
const batchSize = 1_000;
/**
 * What the columns may take in the part about memory: MiB. What they wrote they keep
 * in memory until that is full, 10 MiB of each million views. With the default it
 * would be a hundred million views until it can be seen whether anything else grows.
 */
const columnsMemory = 192;
/** After how many views the memory is looked at. */
const lookEvery = 20_000;
/** From how many views on the load sends the same ones again, with other ids. */
const prepared = 1_000_000;

/**
 * Streaming ingestion, each batch acknowledged on disk, against bare
 * better-sqlite3 that inserts the same rows; in turns, each on an empty disk.
 */
export async function benchIngestion(
  directory: string,
  options: { readonly views: number; readonly rounds: number },
): Promise<void> {
  const { views, rounds } = options;
  const end = Date.now() - 60_000;
  print(`streaming ingestion of ${views} views in batches of ${batchSize}, ${rounds} rounds`);
  const batches = batchesOf(views, end).map((batch, index) => encodeBatch(index + 1, batch));
  const results: { bare: number; ours: number; lag: number; catchUp: number; cpu: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const run = join(directory, `ingestion-${round}`);
    await mkdir(run);
    const bare = await benchBare(run, views, end);
    const server = await startServer({ directory: run });
    try {
      const cpuBefore = server.cpuSeconds();
      const { seconds, position } = await ingest(server.url, batches.values(), batchSize);
      const cpu = ((server.cpuSeconds() - cpuBefore) * 1e6) / views;
      const query = { videoName: "video-0" };
      const behind =
        position - Number((await server.client.analytics.getViewStats(query)).position);
      const since = performance.now();
      await server.client.analytics.getViewStats({ ...query, minPosition: BigInt(position) });
      const catchUp = (performance.now() - since) / 1_000;
      results.push({ bare: views / bare, ours: views / seconds, lag: behind, catchUp, cpu });
    } finally {
      await server.stop();
      await rm(run, { recursive: true });
    }
  }
  table(
    ["round", "bare/s", "ours/s", "ratio", "CPU µs/view", "columns behind", "caught up after s"],
    results.map((result, round) => [
      round + 1,
      Math.round(result.bare),
      Math.round(result.ours),
      (result.ours / result.bare).toFixed(2),
      result.cpu.toFixed(1),
      result.lag,
      result.catchUp.toFixed(2),
    ]),
  );
  const ratio = median(results.map(({ ours, bare }) => ours / bare));
  print(`streaming ingestion / bare better-sqlite3: ${ratio.toFixed(2)}\n`);
}

/** The server's memory while it takes many views in. */
export async function benchMemory(directory: string, views: number): Promise<void> {
  print(`memory over ${views} views, with ${columnsMemory} MiB for the columns`);
  const settings = { MARQUEE_COLUMNS_MEMORY_MB: String(columnsMemory) };
  const server = await startServer({ directory, settings });
  const rows: (string | number)[][] = [];
  // Every tenth of the way; between them it is looked at every so often: a checkpoint ends what was the most.
  const step = Math.max(1, Math.floor(views / 10));
  let next = 0;
  let nextLook = step / 20;
  let seen: number[] = [];
  let before = performance.now();
  try {
    const batches = repeated(batchesOf(Math.min(views, prepared), Date.now() - 60_000), views);
    before = performance.now();
    await ingest(server.url, batches, batchSize, {
      onAcknowledged: (position) => {
        if (position >= nextLook) {
          seen.push(server.memory());
          nextLook = position + lookEvery;
        }
        if (position < next) return;
        const now = performance.now();
        const rate = step / ((now - before) / 1_000);
        if (next > 0) {
          const [least, middle, most] = [Math.min(...seen), median(seen), Math.max(...seen)];
          const memory = [least, middle, most].map((bytes) => Math.round(bytes / 2 ** 20));
          rows.push([position, ...memory, Math.round(rate)]);
        }
        seen = [];
        before = now;
        next += step;
      },
    });
  } finally {
    await server.stop();
  }
  table(["views", "least MiB", "median MiB", "most MiB", "views/s"], rows);
  print("");
}

async function benchBare(directory: string, views: number, end: number): Promise<number> {
  const module = new URL("./bare-sqlite.ts", import.meta.url).pathname;
  const args = [module, directory, String(views), "1", String(end), String(batchSize)];
  const child = follow(
    spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] }),
  );
  await once(child, "message");
  child.send("go");
  const [seconds] = (await once(child, "message")) as [number];
  child.disconnect();
  await once(child, "exit");
  return seconds;
}

/** Serialized ViewBatches of the history. */
function batchesOf(views: number, end: number): Buffer[] {
  const batches: Buffer[] = [];
  let rows: ViewRow[] = [];
  for (const row of history(views, 1, end)) {
    rows.push(row);
    if (rows.length < batchSize) continue;
    batches.push(Buffer.from(batchOf(rows)));
    rows = [];
  }
  return batches;
}

/** The same batches again and again, each time with new ids, until there are so many views. */
function* repeated(batches: readonly Buffer[], views: number): Generator<Buffer> {
  const offsets = batches.map(idOffsets);
  for (let sequence = 1; (sequence - 1) * batchSize < views; sequence++) {
    const index = (sequence - 1) % batches.length;
    const batch = batches[index] as Buffer;
    if (sequence > batches.length) {
      for (const at of offsets[index] as number[]) batch.write(nextDigits(batch, at), at, "latin1");
    }
    yield encodeBatch(sequence, batch);
  }
}

/** Where the ids of a batch begin. */
function idOffsets(batch: Buffer): number[] {
  return [...batch.toString("latin1").matchAll(/[0-9a-f]{8}-[0-9a-f]{4}-4/g)].map(
    ({ index }) => index,
  );
}

/** Eight digits that an id begins with after those that it has now; all of them differ. */
function nextDigits(batch: Buffer, at: number): string {
  const now = Number.parseInt(batch.toString("latin1", at, at + 8), 16);
  // Odd, so that it comes around only after all numbers; far from the number before, as random ones are.
  return ((now + 0x9e3779b1) % 2 ** 32).toString(16).padStart(8, "0");
}
