import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { createMarqueeClient } from "../../../src/client/index.ts";
import { temporaryDirectory } from "../../support/directory.ts";
import { spawnServer, type ServerProcess } from "../../support/process.ts";
import { Books, requestOf } from "./books.ts";
import { askedTotals, queriedTotals, totalsOf } from "./columns-state.ts";
import { throwDice } from "./dice.ts";
import { exportLog } from "./export-state.ts";
import { startLoad, type Way } from "./load.ts";
import { disagreements, readLog, type LogState } from "./log-state.ts";

/** How long a load lasts before its server is killed. */
const MIN_LOAD_MS = 50;
const MAX_LOAD_MS = 300;
/** The share of kills that are followed by another one while the server starts. */
const KILLED_STARTING = 0.2;
const MAX_STARTING_MS = 600;

/**
 * Kills a server again and again while views come in, each time at another
 * moment, and starts it on the same directory. After each start its log, and
 * what it counts, must agree with what was acknowledged. Tells how many views
 * there were.
 */
export async function crashAgainAndAgain(kills: number, ways: readonly Way[]): Promise<number> {
  const dice = throwDice(`${kills} kills`);
  const books = new Books(dice);
  const directory = await temporaryDirectory();
  for (let round = 0; round < kills; round++) {
    const server = await spawnServer(settingsOf(directory));
    await expectAgreement(server, directory, books);
    const load = startLoad({ url: server.url, books, dice, ways });
    await sleep(MIN_LOAD_MS + dice.below(MAX_LOAD_MS - MIN_LOAD_MS));
    expect(load.failures.map(({ way, error }) => `${way}: ${error.message}`)).toEqual([]);
    expect(await server.stop("SIGKILL")).toBe("SIGKILL");
    await load.end();
    expect(load.lies).toEqual([]);
    if (dice.chance(KILLED_STARTING)) await killStarting(directory, dice.below(MAX_STARTING_MS));
  }

  const server = await spawnServer(settingsOf(directory));
  await settleAll(server, books);
  const state = await expectAgreement(server, directory, books);
  expect(state.views.size).toBe(books.views.size);
  using client = createMarqueeClient({ url: server.url });
  const exported = await exportLog(client);
  expect(disagreements(exported, books)).toEqual([]);
  expect(exported.views.size).toBe(books.views.size);
  expect(await server.stop("SIGTERM")).toBe(0);
  // oxlint-disable-next-line no-console
  console.log(`${kills} kills: ${books.views.size} views, ${state.head} entries`);
  return books.views.size;
}

/** A server that says nothing of calls: their lines are more than a test needs. */
function settingsOf(directory: string): { MARQUEE_DATA_DIR: string } & Record<string, string> {
  return { MARQUEE_DATA_DIR: directory };
}

/** Sends all that was not acknowledged, until it is. */
export async function settleAll(server: ServerProcess, books: Books): Promise<void> {
  using client = createMarqueeClient({ url: server.url });
  const sendings = books.takeUnsettled();
  for (let from = 0; from < sendings.length; from += 100) {
    const some = sendings.slice(from, from + 100);
    await Promise.all(
      some.map(async (sending) => {
        const { viewId } = await client.analytics.logView(requestOf(sending));
        expect(viewId).toBe(sending.view.viewId);
      }),
    );
    books.settle(some);
  }
}

/** Checks that log, columns and books agree, while nothing is sent; the log is the answer. */
export async function expectAgreement(
  server: ServerProcess,
  directory: string,
  books: Books,
): Promise<LogState> {
  const state = await readLog(directory);
  expect(disagreements(state, books)).toEqual([]);
  const expected = totalsOf(state);
  using client = createMarqueeClient({ url: server.url });
  expect(await askedTotals(client, expected.keys(), state.head)).toEqual(expected);
  expect(await queriedTotals(client, state.head)).toEqual(expected);
  return state;
}

/** Kills a server while it starts, some time after it was begun. */
async function killStarting(directory: string, ms: number): Promise<void> {
  const entry = new URL("../../../src/bin.js", import.meta.url).pathname;
  const child = spawn(process.execPath, [entry, "serve"], {
    env: { ...process.env, MARQUEE_PORT: "0", ...settingsOf(directory) },
    stdio: "ignore",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit");
  await sleep(ms);
  child.kill("SIGKILL");
  await exited;
}
