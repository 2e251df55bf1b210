import { randomUUID } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { marquee, nowhere, type Ended } from "../cli/marquee.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { filesWith } from "../support/files.ts";
import { spawnServer, type ServerProcess } from "../support/process.ts";

interface Manifest {
  readonly position: number;
  readonly log_id: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

function succeeded(ended: Ended): Ended {
  expect(ended).toMatchObject({ code: 0 });
  return ended;
}

async function withClient<T>(
  { url }: ServerProcess,
  use: (client: MarqueeClient) => Promise<T>,
): Promise<T> {
  using client = createMarqueeClient({ url });
  return await use(client);
}

/** The ids of all views that a server has, with their positions. */
async function viewsOf(server: ServerProcess): Promise<Map<string, number>> {
  return await withClient(server, async ({ analytics }) => {
    const views = new Map<string, number>();
    for await (const page of analytics.exportViews({})) {
      for (const { viewId, position } of page.views) views.set(viewId, Number(position));
    }
    return views;
  });
}

async function manifestOf(directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(directory, "manifest.json"), "utf8")) as Manifest;
}

/** A server with a viewer that cannot be mistaken, and a backup of it. */
async function backedUp(): Promise<{
  data: string;
  backup: string;
  server: ServerProcess;
  viewer: string;
}> {
  const data = await temporaryDirectory();
  const backup = join(await temporaryDirectory(), "backup");
  const viewer = `${randomUUID()}-${randomUUID()}`;
  const server = await spawnServer({ MARQUEE_DATA_DIR: data });
  await withClient(server, async ({ analytics, catalog }) => {
    await catalog.upsertItems({ items: [{ id: "film", title: "A film" }] });
    await analytics.logView({ videoName: "film", viewerId: viewer, viewId: "by them" });
    await analytics.logView({ videoName: "film", viewerId: "ann", viewId: "by ann" });
  });
  succeeded(await marquee(server.url, "backup", backup));
  return { data, backup, server, viewer };
}

function restore(backup: string, data: string, ...args: readonly string[]): Promise<Ended> {
  return marquee(nowhere, "restore", backup, "--data-dir", data, ...args);
}

describe("a backup", () => {
  it("should have all views up to its position, while others are logged", async () => {
    const data = await temporaryDirectory();
    const backup = join(await temporaryDirectory(), "backup");
    const server = await spawnServer({ MARQUEE_DATA_DIR: data });
    const logged = new Map<string, number>();
    const over = new AbortController();
    const logging = withClient(server, async ({ analytics }) => {
      while (!over.signal.aborted) {
        const viewId = randomUUID();
        const answer = await analytics.logView({ videoName: "film", viewId });
        logged.set(viewId, Number(answer.position));
      }
    });
    await expect.poll(() => logged.size).toBeGreaterThan(100);
    const ended = succeeded(await marquee(server.url, "backup", backup, "--json"));
    const after = logged.size + 100;
    await expect.poll(() => logged.size).toBeGreaterThan(after);
    over.abort();
    await logging;
    const manifest = await manifestOf(backup);
    expect(JSON.parse(ended.stdout)).toEqual(manifest);
    expect(manifest.files.map(({ name }) => name).slice(0, 2)).toEqual(["log.db", "state.db"]);
    expect(await readdir(data)).not.toContain("backup.tmp");
    expect((await readdir(join(backup, ".."))).toSorted()).toEqual(["backup"]);
    await server.stop("SIGTERM");

    const elsewhere = join(await temporaryDirectory(), "data");
    succeeded(await restore(backup, elsewhere));
    const restored = await spawnServer({ MARQUEE_DATA_DIR: elsewhere });
    const expected = [...logged].filter(([, position]) => position <= manifest.position);
    expect(expected.length).toBeGreaterThan(0);
    expect(await viewsOf(restored)).toEqual(new Map(expected));
    const stats = await withClient(restored, ({ analytics }) =>
      analytics.getViewStats({ videoName: "film" }),
    );
    expect(stats.views).toBe(BigInt(expected.length));
  });

  it("should not bring back who was erased after it", async () => {
    const { data, backup, server, viewer } = await backedUp();
    expect(await filesWith(data, viewer)).not.toEqual([]);
    expect(await filesWith(backup, viewer)).toEqual(["log.db"]);
    await withClient(server, async ({ analytics }) => {
      await analytics.eraseViewer({ viewerId: viewer });
      await analytics.logView({ videoName: "film", viewId: "after the backup" });
    });
    await server.stop("SIGTERM");
    expect((await restore(backup, data)).stderr).toMatch(
      /^marquee: \S+ has data, such as \S+: --replace deletes them/,
    );
    succeeded(await restore(backup, data, "--replace"));
    const restored = await spawnServer({ MARQUEE_DATA_DIR: data });
    expect([...(await viewsOf(restored)).keys()]).toEqual(["by ann"]);
    const stats = await withClient(restored, ({ analytics }) =>
      analytics.getViewStats({ videoName: "film" }),
    );
    expect(stats).toMatchObject({ views: 1n, uniqueViewers: 1n });
    const items = await withClient(restored, ({ catalog }) => catalog.getItem({ id: "film" }));
    expect(items.item?.title).toBe("A film");
    await expect.poll(() => filesWith(data, viewer), { timeout: 60_000 }).toEqual([]);
    await restored.stop("SIGTERM");
    expect(await filesWith(data, viewer)).toEqual([]);
  });

  it("should not be restored where a server runs", async () => {
    const { data, backup, server } = await backedUp();
    const { code, stderr } = await restore(backup, data, "--replace");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^marquee: [^\n]+ is in use by process \d+: stop the server first\n$/);
    expect((await viewsOf(server)).size).toBe(2);
  });

  it("should not be restored when it is damaged, and nothing is touched then", async () => {
    const { backup, server } = await backedUp();
    await server.stop("SIGTERM");
    const damages: Record<string, [(directory: string) => Promise<void>, RegExp]> = {
      "a flipped byte": [
        async (directory) => {
          const bytes = await readFile(join(directory, "log.db"));
          bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
          await writeFile(join(directory, "log.db"), bytes);
        },
        /log\.db is damaged: its SHA-256/,
      ],
      "a missing file": [(directory) => rm(join(directory, "state.db")), /state\.db is missing/],
      "a file that is cut off": [
        (directory) => truncate(join(directory, "state.db"), 4_096),
        /state\.db is damaged: it has 4096 bytes/,
      ],
      "no manifest": [(directory) => rm(join(directory, "manifest.json")), /is no backup/],
      "a manifest of another form": [
        (directory) => writeFile(join(directory, "manifest.json"), '{"format_version":2}'),
        /manifest\.json cannot be used: its format_version is not 1/,
      ],
      "half a manifest": [
        (directory) => truncate(join(directory, "manifest.json"), 40),
        /manifest\.json cannot be used/,
      ],
    };
    for (const [damage, [inflict, said]] of Object.entries(damages)) {
      const directory = join(await temporaryDirectory(), "damaged");
      await cp(backup, directory, { recursive: true });
      await inflict(directory);
      const data = await temporaryDirectory();
      await writeFile(join(data, "log.db"), "mine");
      const { code, stderr } = await restore(directory, data, "--replace");
      expect({ damage, code }).toEqual({ damage, code: 1 });
      expect(stderr).toMatch(said);
      expect(await readdir(data)).toEqual(["log.db"]);
    }
  });

  it("should not be started from while it is half restored, and be restored again", async () => {
    const { data, backup, server } = await backedUp();
    await server.stop("SIGTERM");
    // As a crash leaves it between two of its steps.
    await writeFile(join(data, "restore.running"), "");
    await mkdir(join(data, "restore.tmp"));
    await rm(join(data, "state.db"));
    await expect(spawnServer({ MARQUEE_DATA_DIR: data })).rejects.toThrow(
      /was interrupted: run `marquee restore` again, with --replace/,
    );
    expect((await restore(backup, data)).stderr).toMatch(
      /was interrupted: --replace does it again/,
    );
    succeeded(await restore(backup, data, "--replace"));
    expect((await readdir(data)).filter((name) => name.startsWith("restore"))).toEqual([]);
    const restored = await spawnServer({ MARQUEE_DATA_DIR: data });
    expect((await viewsOf(restored)).size).toBe(2);
  });

  it("should count right once more is logged than there was before it was restored", async () => {
    const { data, backup, server } = await backedUp();
    await withClient(server, ({ analytics }) => analytics.logView({ videoName: "other" }));
    await server.stop("SIGTERM");
    succeeded(await restore(backup, data, "--replace"));
    const restored = await spawnServer({ MARQUEE_DATA_DIR: data });
    await withClient(restored, async ({ analytics }) => {
      await analytics.logView({ videoName: "film" });
      const { position: minPosition } = await analytics.logView({ videoName: "film" });
      const { videos } = await analytics.listTopVideos({ minPosition });
      expect(videos.map(({ videoName, views }) => [videoName, views])).toEqual([["film", 4n]]);
    });
  });

  it("should leave a directory alone that is there, and none when it fails", async () => {
    const { backup, server } = await backedUp();
    expect((await marquee(server.url, "backup", backup)).stderr).toBe(
      `marquee: ${backup} is there already: name a new directory\n`,
    );
    const parent = await temporaryDirectory();
    expect(await marquee(nowhere, "backup", join(parent, "backup"))).toMatchObject({ code: 1 });
    expect(await readdir(parent)).toEqual([]);
  });
});
