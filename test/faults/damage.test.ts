import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";
import { run } from "../support/run.ts";

const VIEWS = 60;

/** A data directory with views, feedback and a model in it; no server uses it any more. */
async function usedDirectory(): Promise<string> {
  const directory = await temporaryDirectory();
  const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
  using client = createMarqueeClient({ url: server.url });
  for (let count = 0; count < VIEWS; count++) {
    await client.analytics.logView({
      videoName: `video-${count % 7}`,
      viewerId: `v-${count % 20}`,
    });
  }
  for await (const _ of client.recommendations.trainModel({}));
  await counts(client);
  expect(await server.stop("SIGTERM")).toBe(0);
  return directory;
}

async function counts(client: MarqueeClient): Promise<unknown> {
  const { videos } = await client.analytics.listTopVideos({ minPosition: BigInt(VIEWS) });
  return videos.map(({ videoName, views, uniqueViewers }) => [videoName, views, uniqueViewers]);
}

async function countsAfterRestart(directory: string): Promise<unknown> {
  const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
  using client = createMarqueeClient({ url: server.url });
  const found = await counts(client);
  await server.stop("SIGTERM");
  return found;
}

/** What a start that fails says, and its exit code. */
async function failedStart(directory: string): Promise<{ code: number; stderr: string }> {
  const entry = new URL("../../src/bin.js", import.meta.url).pathname;
  const settings = [`MARQUEE_DATA_DIR=${directory}`, "MARQUEE_PORT=0"];
  const { code, stderr } = await run("env", ...settings, process.execPath, entry, "serve");
  return { code, stderr };
}

describe("a damaged column file", () => {
  it.each([
    ["empty", (file: string) => truncate(file, 0)],
    ["cut short", (file: string) => truncate(file, 8_192)],
    ["something else", (file: string) => writeFile(file, "hello")],
    [
      "scribbled over",
      async (file: string) => {
        const bytes = await readFile(file);
        await writeFile(file, bytes.fill(0xa5, 4_096, bytes.byteLength));
      },
    ],
  ])("should be set aside and built again when it is %s", async (_how, damage) => {
    const directory = await usedDirectory();
    const expected = await countsAfterRestart(directory);
    await damage(join(directory, "columns.duckdb"));
    await rm(join(directory, "columns.duckdb.wal"), { force: true });
    expect(await countsAfterRestart(directory)).toEqual(expected);
  });
});

describe("a log", () => {
  it("should not be begun anew where one is lost", async () => {
    const directory = await usedDirectory();
    const columns = await readFile(join(directory, "columns.duckdb"));
    for (const lose of [(file: string) => truncate(file, 0), (file: string) => rm(file)]) {
      await lose(join(directory, "log.db"));
      const { code, stderr } = await failedStart(directory);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^marquee: there is no log\.db in .*columns\.duckdb, models; restore/);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
    expect(await readFile(join(directory, "columns.duckdb"))).toEqual(columns);
  });

  it("should be named when it cannot be read", async () => {
    const directory = await usedDirectory();
    await writeFile(join(directory, "log.db"), "this is no database, whatever its name says");
    const { code, stderr } = await failedStart(directory);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^marquee: the log .*log\.db cannot be opened: .*: restore it from/);
  });

  it("should share nothing with what was made from another one", async () => {
    const directory = await usedDirectory();
    const other = await temporaryDirectory();
    const server = await spawnServer({ MARQUEE_DATA_DIR: other });
    using client = createMarqueeClient({ url: server.url });
    for (let count = 0; count < VIEWS + 20; count++) {
      await client.analytics.logView({ videoName: `other-${count % 3}` });
    }
    await server.stop("SIGTERM");
    for (const file of ["log.db", "log.db-wal", "log.db-shm"]) {
      await rm(join(directory, file), { force: true });
    }
    await writeFile(join(directory, "log.db"), await readFile(join(other, "log.db")));

    const mixed = await spawnServer({ MARQUEE_DATA_DIR: directory });
    using mixedClient = createMarqueeClient({ url: mixed.url });
    const names = (await counts(mixedClient)) as [string][];
    expect(names.map(([name]) => name).toSorted()).toEqual(["other-0", "other-1", "other-2"]);
    await expect(mixedClient.recommendations.getModel({})).rejects.toThrow("not_found");
    await mixed.stop("SIGTERM");
  });
});

describe("a server that is stopped before it is ready", () => {
  it("should end with 0", async () => {
    const directory = await usedDirectory();
    await rm(join(directory, "columns.duckdb"));
    const server = await spawnServer({ MARQUEE_DATA_DIR: directory }, [], "listening");
    expect(await server.stop("SIGTERM")).toBe(0);
  });
});
