import { spawn } from "node:child_process";
import { once } from "node:events";
import { glob, readFile, readdir } from "node:fs/promises";
import { ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer, type ServerProcess } from "../support/process.ts";
import { Books, requestOf } from "./support/books.ts";
import { columnRows } from "./support/column-rows.ts";
import { expectAgreement, settleAll } from "./support/crash-rounds.ts";
import { throwDice } from "./support/dice.ts";
import { startLoad } from "./support/load.ts";
import { readLog } from "./support/log-state.ts";
import { trainingPlaces } from "./support/training-places.ts";

interface Place {
  /** Whether a view on its way through is in the log when the process dies there. */
  readonly logged: boolean;
  /** How many rows of it the columns have. */
  readonly rows: number;
}

/** The places on a view's way in. */
const places: Readonly<Record<string, Place>> = {
  "log.received": { logged: false, rows: 0 },
  "log.before-commit": { logged: false, rows: 0 },
  "log.commit-delay": { logged: true, rows: 0 },
  "log.after-commit": { logged: true, rows: 0 },
  "log.before-answer": { logged: true, rows: 0 },
  "columns.before-apply": { logged: true, rows: 0 },
  "columns.before-commit": { logged: true, rows: 0 },
  "columns.after-commit": { logged: true, rows: 1 },
};

/** Those at which entries are removed, and those at which the columns are written anew after it. */
const removing = ["log.erasing", "log.trimming"];
const compacting = ["columns.copying", "columns.before-swap"];

const VIEWS = 1_500;
const TIME = Date.UTC(2026, 0, 1);

/** Waits until a server has died by itself. */
async function death(server: ServerProcess): Promise<NodeJS.Signals | number | null> {
  const { child } = server;
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.signalCode ?? child.exitCode;
}

/** Logs views of one viewer. */
async function logSome(client: MarqueeClient, viewerId: string, count: number): Promise<void> {
  const views = Array.from({ length: count }, (_, number) => ({
    viewId: `${viewerId}-${number}`,
    videoName: "video",
    viewerId,
    startTime: { seconds: BigInt(TIME / 1_000 + number), nanos: 0 },
  }));
  const answer = await client.analytics.logViews(
    (async function* messages() {
      yield { views };
    })(),
  );
  expect(Number(answer.logged)).toBe(count);
}

describe("a server that dies at a certain place", () => {
  it.each(Object.entries(places))(
    "should have every acknowledged view once, and no other, at %s",
    { timeout: 120_000 },
    async (place, { logged, rows }) => {
      const dice = throwDice(place);
      const books = new Books(dice);
      const directory = await temporaryDirectory();
      const settings = { MARQUEE_DATA_DIR: directory };

      // The first view that comes there, which tells that it is there.
      const first = await spawnServer({ ...settings, MARQUEE_FAILPOINT: `${place}:1` });
      const sendings = books.take(1);
      const [sending] = sendings;
      if (sending === undefined) throw new Error("there is nothing to send");
      const request = requestOf(sending);
      using client = createMarqueeClient({ url: first.url, retry: false });
      const answer = await client.analytics.logView(request).catch(ConnectError.from);
      expect(await death(first)).toBe("SIGKILL");
      // The columns come after the answer, or before it.
      const failed = answer instanceof ConnectError;
      expect([true, place.startsWith("log.")]).toContain(failed);
      if (!failed) books.settle(sendings);
      expect((await readLog(directory)).views.size).toBe(logged ? 1 : 0);
      expect(await columnRows(directory)).toBe(rows);

      // Under load, somewhere on the way.
      const nth = 3 + dice.below(place.startsWith("columns.") ? 5 : 60);
      const second = await spawnServer({ ...settings, MARQUEE_FAILPOINT: `${place}:${nth}` });
      using again = createMarqueeClient({ url: second.url, retry: false });
      expect(await again.analytics.logView(request)).toMatchObject({ duplicate: logged });
      books.settle(sendings);
      await expectAgreement(second, directory, books);
      const load = startLoad({ url: second.url, books, dice });
      expect(await death(second)).toBe("SIGKILL");
      await load.end();
      expect(load.lies).toEqual([]);

      const third = await spawnServer(settings);
      await expectAgreement(third, directory, books);
      await settleAll(third, books);
      const state = await expectAgreement(third, directory, books);
      expect(state.views.size).toBe(books.views.size);
      expect(await third.stop("SIGTERM")).toBe(0);
    },
  );

  it("should go on with an erasure, at log.erasing", { timeout: 120_000 }, async () => {
    const directory = await temporaryDirectory();
    const settings = { MARQUEE_DATA_DIR: directory };
    const first = await spawnServer({ ...settings, MARQUEE_FAILPOINT: "log.erasing:1" });
    using client = createMarqueeClient({ url: first.url, retry: false });
    await logSome(client, "ann", VIEWS);
    await logSome(client, "bob", 10);
    await client.analytics.eraseViewer({ viewerId: "ann" }).catch(ConnectError.from);
    expect(await death(first)).toBe("SIGKILL");
    // A piece has gone, and only a piece.
    const left = await readLog(directory);
    expect([...left.views.keys()].filter((viewId) => viewId.startsWith("bob"))).toHaveLength(10);

    const second = await spawnServer(settings);
    using again = createMarqueeClient({ url: second.url, retry: false });
    const { head, views } = await readLog(directory);
    expect([...views.keys()].filter((viewId) => !viewId.startsWith("bob"))).toEqual([]);
    const minPosition = BigInt(head);
    const stats = await again.analytics.getViewStats({ videoName: "video", minPosition });
    expect(stats).toMatchObject({ views: 10n, uniqueViewers: 1n });
    await again.analytics.eraseViewer({ viewerId: "ann" });
    await logSome(again, "ann", 5);
    expect(await second.stop("SIGTERM")).toBe(0);
    expect((await readLog(directory)).views.size).toBe(15);
  });

  it("should count nothing that is trimmed, at log.trimming", { timeout: 120_000 }, async () => {
    const directory = await temporaryDirectory();
    const first = await spawnServer({ MARQUEE_DATA_DIR: directory });
    using client = createMarqueeClient({ url: first.url, retry: false });
    await logSome(client, "ann", VIEWS);
    expect(await first.stop("SIGTERM")).toBe(0);
    const before = TIME + (VIEWS - 100) * 1_000;
    const trim = async (failpoint: string): Promise<NodeJS.Signals | number | null> => {
      const script = new URL("support/trim-process.ts", import.meta.url).pathname;
      const child = spawn(process.execPath, [script, directory, String(before)], {
        env: { ...process.env, MARQUEE_FAILPOINT: failpoint },
        stdio: "inherit",
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      await once(child, "exit");
      return child.signalCode ?? child.exitCode;
    };

    expect(await trim("log.trimming:1")).toBe("SIGKILL");
    const half = await readLog(directory);
    expect(half.views.size).toBeLessThan(VIEWS);
    expect(half.views.size).toBeGreaterThan(100);

    const second = await spawnServer({ MARQUEE_DATA_DIR: directory });
    using again = createMarqueeClient({ url: second.url, retry: false });
    const minPosition = BigInt(half.head);
    const stats = await again.analytics.getViewStats({ videoName: "video", minPosition });
    expect(stats.views).toBe(100n);
    expect(await second.stop("SIGTERM")).toBe(0);

    expect(await trim("")).toBe(0);
    expect((await readLog(directory)).views.size).toBe(100);
  });

  it.each(compacting)(
    "should have the counts of those who were not erased, at %s",
    { timeout: 120_000 },
    async (place) => {
      const directory = await temporaryDirectory();
      const settings = { MARQUEE_DATA_DIR: directory };
      const first = await spawnServer({ ...settings, MARQUEE_FAILPOINT: `${place}:1` });
      using client = createMarqueeClient({ url: first.url, retry: false });
      await logSome(client, "ann", VIEWS);
      await logSome(client, "bob", 10);
      await client.analytics.eraseViewer({ viewerId: "ann" });
      expect(await death(first)).toBe("SIGKILL");
      expect(await columnRows(directory)).toBe(10);

      const second = await spawnServer(settings);
      using again = createMarqueeClient({ url: second.url, retry: false });
      await logSome(again, "cleo", 10);
      const minPosition = BigInt((await readLog(directory)).head);
      const stats = await again.analytics.getViewStats({ videoName: "video", minPosition });
      expect(stats).toMatchObject({ views: 20n, uniqueViewers: 2n });
      expect(await second.stop("SIGTERM")).toBe(0);
      expect(await columnRows(directory)).toBe(20);
      const files = (await readdir(directory)).filter((file) => file.startsWith("columns"));
      expect(files).toEqual(["columns.duckdb"]);
    },
  );

  it("should have a test for each place that there is", async () => {
    const found = new Set<string>();
    const root = new URL("../../src/", import.meta.url).pathname;
    for await (const file of glob("**/*.ts", { cwd: root })) {
      const source = await readFile(`${root}${file}`, "utf8");
      for (const [, argument = ""] of source.matchAll(/\bfailpoint\(([^)]*)\)/g)) {
        for (const [, name = ""] of argument.matchAll(/"([^"]+)"/g)) found.add(name);
      }
    }
    expect([...found].toSorted()).toEqual(
      [...Object.keys(places), ...removing, ...compacting, ...trainingPlaces].toSorted(),
    );
  });
});
