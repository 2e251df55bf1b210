import { mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer, type ServerProcess } from "../support/process.ts";
import { run } from "../support/run.ts";
import { Books } from "./support/books.ts";
import { expectAgreement, settleAll } from "./support/crash-rounds.ts";
import { throwDice } from "./support/dice.ts";
import { exportLog } from "./support/export-state.ts";
import { startLoad, ways, type Load } from "./support/load.ts";
import { disagreements } from "./support/log-state.ts";

const DISK_MB = 24;
/** A writer's, so that the log stays small. */
const PAUSE_MS = 20;

/** A file system of its own, which is gone when the test is over. */
async function smallDisk(): Promise<string> {
  const directory = join(await temporaryDirectory(), "disk");
  await mkdir(directory);
  // It needs the rights to mount, as a container's root has them.
  const size = `size=${DISK_MB}m`;
  const mounted = await run("mount", "-t", "tmpfs", "-o", size, "tmpfs", directory);
  expect(mounted.code, mounted.stderr).toBe(0);
  onTestFinished(async () => {
    await run("umount", "--lazy", directory);
  });
  return directory;
}

/** What takes the room of others on a disk. */
class Ballast {
  readonly #directory: string;
  readonly #files: string[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Takes all that is left; a server may give some back, so it is to be called again. */
  async fill(): Promise<void> {
    const file = join(this.#directory, `ballast-${this.#files.length}`);
    this.#files.push(file);
    await writeFile(file, Buffer.alloc(DISK_MB * 1_048_576)).catch(() => {});
  }

  async remove(): Promise<void> {
    for (const file of this.#files.splice(0)) await rm(file, { force: true });
  }
}

/** How calls failed, each way in by itself. */
function failureCodes(load: Load): Record<string, Code[]> {
  return Object.fromEntries(
    ways.map((way) => {
      const failed = load.failures.filter((failure) => failure.way === way);
      return [way, [...new Set(failed.map(({ error }) => error.code))]];
    }),
  );
}

async function moreOfEach(load: Load): Promise<void> {
  const before = { ...load.acknowledged };
  for (const way of ways) {
    await expect.poll(() => load.acknowledged[way]).toBeGreaterThan(before[way] + 50);
  }
}

/** Ends the load, sends the rest, and looks whether all of it is there, and once. */
async function expectAllThere(
  server: ServerProcess,
  client: MarqueeClient,
  directory: string,
  books: Books,
): Promise<void> {
  await settleAll(server, books);
  const state = await expectAgreement(server, directory, books);
  expect(state.views.size).toBe(books.views.size);
  const exported = await exportLog(client);
  expect(disagreements(exported, books)).toEqual([]);
  expect(exported.views.size).toBe(books.views.size);
  expect(server.child.exitCode).toBeNull();
  expect(await server.stop("SIGTERM")).toBe(0);
}

describe("a disk that fills up while views stream in", () => {
  it(
    "should cost no acknowledged view, no read, and no restart",
    { timeout: 180_000 },
    async () => {
      const dice = throwDice("a full disk");
      const books = new Books(dice);
      const directory = await smallDisk();
      const ballast = new Ballast(directory);
      const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
      using client = createMarqueeClient({ url: server.url, retry: false });
      const load = startLoad({ url: server.url, books, dice, goOn: true, pauseMs: PAUSE_MS });
      await moreOfEach(load);
      expect(load.failures).toEqual([]);

      for (let times = 0; times < 3; times++) {
        await ballast.fill();
        const failed = load.failures.length;
        await expect.poll(() => load.failures.length).toBeGreaterThan(failed + 50);
      }
      for (const way of ways) await expect.poll(() => failureCodes(load)[way]?.length).toBe(1);
      expect(failureCodes(load)).toEqual(
        Object.fromEntries(ways.map((way) => [way, [Code.Unavailable]])),
      );
      // Reads go on.
      const known = books.acknowledged.map(({ viewId }) => viewId);
      const { views } = await exportLog(client);
      expect(known.filter((viewId) => !views.has(viewId))).toEqual([]);
      const stats = await client.analytics.getViewStats({ videoName: "video-0" });
      expect(stats.views).toBeGreaterThan(0n);

      await ballast.remove();
      await moreOfEach(load);
      await load.end();
      expect(load.lies).toEqual([]);
      await expectAllThere(server, client, directory, books);
    },
  );

  it("should cost nothing but counts where the log has another", { timeout: 180_000 }, async () => {
    const dice = throwDice("a full disk of the columns");
    const books = new Books(dice);
    const directory = await smallDisk();
    const ballast = new Ballast(directory);
    // SQLite keeps what belongs to a file beside the file itself, not the link.
    const elsewhere = join(await temporaryDirectory(), "log.db");
    await symlink(elsewhere, join(directory, "log.db"));
    const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
    using client = createMarqueeClient({ url: server.url, retry: false });
    const load = startLoad({ url: server.url, books, dice, goOn: true, pauseMs: PAUSE_MS });
    await moreOfEach(load);
    expect((await stat(`${elsewhere}-wal`)).size).toBeGreaterThan(0);

    const columnsFailed = (): boolean =>
      server.lines.some(({ msg }) => String(msg).startsWith("the columns cannot be used now"));
    for (let times = 0; times < 100 && !columnsFailed(); times++) {
      await ballast.fill();
      await moreOfEach(load);
    }
    expect(columnsFailed()).toBe(true);
    // What was counted before is told, or that nothing is; never something wrong.
    const answer = await client.analytics
      .getViewStats({ videoName: "video-0" })
      .catch(ConnectError.from);
    expect(answer instanceof ConnectError ? answer.code : answer.views > 0n).toBeOneOf([
      Code.Unavailable,
      true,
    ]);
    const known = books.acknowledged.map(({ viewId }) => viewId);
    const { views } = await exportLog(client);
    expect(known.filter((viewId) => !views.has(viewId))).toEqual([]);
    await moreOfEach(load);
    expect(load.failures).toEqual([]);

    await ballast.remove();
    await load.end();
    expect(load.lies).toEqual([]);
    await expectAllThere(server, client, directory, books);
  });
});
