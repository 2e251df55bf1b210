import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer, type ServerProcess } from "../support/process.ts";
import { Books } from "./support/books.ts";
import { expectAgreement, settleAll } from "./support/crash-rounds.ts";
import { throwDice } from "./support/dice.ts";
import { exportLog } from "./support/export-state.ts";
import { startLoad, ways, type Load } from "./support/load.ts";
import { disagreements, readLog } from "./support/log-state.ts";

/** How a call may fail whose disk fails. */
const CLEAR: readonly Code[] = [Code.Unavailable, Code.Internal, Code.DataLoss];

/** Lets system calls of a server on some files fail with EIO, until it is ended. */
class FailingDisk {
  readonly #strace: ChildProcess;

  private constructor(strace: ChildProcess) {
    this.#strace = strace;
  }

  static async begin(
    server: ServerProcess,
    files: readonly string[],
    calls: readonly string[],
  ): Promise<FailingDisk> {
    const command = [
      "strace",
      ...["-f", "-o", "/dev/null", "-p", String(server.child.pid)],
      ...files.flatMap((file) => ["-P", file]),
      ...["-e", `trace=${calls.join(",")}`],
      ...["-e", `inject=${calls.join(",")}:error=EIO`],
    ];
    const strace = spawn(command[0] as string, command.slice(1), {
      stdio: ["ignore", "ignore", "pipe"],
    });
    onTestFinished(() => void strace.kill("SIGKILL"));
    let said = "";
    await new Promise<void>((resolve, reject) => {
      strace.stderr?.on("data", (chunk) => {
        said += chunk;
        if (said.includes("attached")) resolve();
      });
      strace.once("exit", () => reject(new Error(`strace: ${said}`)));
    });
    return new FailingDisk(strace);
  }

  /** From here on all is well. */
  async end(): Promise<void> {
    const exited = once(this.#strace, "exit");
    this.#strace.kill("SIGINT");
    await exited;
  }
}

function codesOf(failures: Load["failures"]): Set<Code> {
  return new Set(failures.map(({ error }) => error.code));
}

async function moreOfEach(load: Load): Promise<void> {
  const before = { ...load.acknowledged };
  for (const way of ways) {
    await expect.poll(() => load.acknowledged[way]).toBeGreaterThan(before[way] + 200);
  }
}

describe("a disk that fails", () => {
  it.each([
    ["for the first time", false],
    ["again", true],
  ])(
    "should fail what reads from it %s, and nothing else",
    { timeout: 180_000 },
    async (_, again) => {
      const dice = throwDice("a disk that cannot be read");
      const books = new Books(dice);
      const directory = await temporaryDirectory();
      const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
      using client = createMarqueeClient({ url: server.url, retry: false });
      const load = startLoad({ url: server.url, books, dice, goOn: true });
      for (let times = 0; times < 5; times++) await moreOfEach(load);
      expect(load.failures).toEqual([]);
      const known = books.acknowledged.map(({ viewId }) => viewId);

      // What reads the log for exports is started by the first of them.
      if (again) await exportLog(client);
      const files = [join(directory, "log.db"), join(directory, "log.db-wal")];
      const disk = await FailingDisk.begin(server, files, ["pread64"]);
      const codes = new Set<Code>();
      const wrong: string[] = [];
      for (let times = 0; times < 5; times++) {
        // It answers all, from memory, or fails: it never answers a part.
        const exported = await exportLog(client).catch(ConnectError.from);
        if (exported instanceof ConnectError) codes.add(exported.code);
        else wrong.push(...known.filter((viewId) => !exported.views.has(viewId)));
        // The names of videos are in the log too.
        const stats = await client.analytics
          .getViewStats({ videoName: "video-0" })
          .catch(ConnectError.from);
        if (stats instanceof ConnectError) codes.add(stats.code);
        else if (stats.views === 0n) wrong.push("video-0");
        // What needs no disk goes on.
        expect(await client.greeter.greet({ name: "Ann" })).toMatchObject({
          greeting: "Hello Ann",
        });
        await sleep(50);
      }
      expect(wrong).toEqual([]);
      expect(codes).toEqual(new Set([Code.Unavailable]));
      await disk.end();
      await moreOfEach(load);
      await load.end();
      expect(load.lies).toEqual([]);
      for (const code of codesOf(load.failures)) expect(CLEAR).toContain(code);
      await settleAll(server, books);
      await expectAgreement(server, directory, books);
      expect(disagreements(await exportLog(client), books)).toEqual([]);
      expect(await server.stop("SIGTERM")).toBe(0);
    },
  );

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "should acknowledge nothing that is not synced, and lose nothing after %s",
    { timeout: 180_000 },
    async (signal) => {
      const dice = throwDice("a disk that cannot be synced");
      const books = new Books(dice);
      const directory = await temporaryDirectory();
      const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
      const load = startLoad({ url: server.url, books, dice, goOn: true, pauseMs: 5 });
      await moreOfEach(load);
      expect(load.failures).toEqual([]);

      const files = [join(directory, "log.db"), join(directory, "log.db-wal")];
      const disk = await FailingDisk.begin(server, files, ["fdatasync", "fsync"]);
      // What was on its way may still be committed.
      await sleep(500);
      const committed = await readLog(directory);
      const failed = load.failures.length;
      await expect.poll(() => load.failures.length).toBeGreaterThan(failed + 100);
      // Only what is on disk since before is acknowledged, whether it was already or not.
      expect(disagreements(committed, books)).toEqual([]);
      expect((await readLog(directory)).head).toBe(committed.head);
      expect(codesOf(load.failures)).toEqual(new Set([Code.Unavailable]));
      if (signal === "SIGTERM") {
        await disk.end();
        await moreOfEach(load);
      }
      expect(await server.stop(signal)).toBe(signal === "SIGTERM" ? 0 : "SIGKILL");
      await load.end();
      expect(load.lies).toEqual([]);

      const again = await spawnServer({ MARQUEE_DATA_DIR: directory });
      await expectAgreement(again, directory, books);
      await settleAll(again, books);
      const state = await expectAgreement(again, directory, books);
      expect(state.views.size).toBe(books.views.size);
      expect(await again.stop("SIGTERM")).toBe(0);
    },
  );
});
