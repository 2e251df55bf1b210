import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { createMarqueeClient, explainError } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";
import { Books } from "./support/books.ts";
import { expectAgreement } from "./support/crash-rounds.ts";
import { throwDice } from "./support/dice.ts";
import { startLoad, ways } from "./support/load.ts";
import { disagreements, readLog } from "./support/log-state.ts";

const DRAIN_MS = 3_000;

/** The messages of a client that has nothing to say, and is not done. */
function nothing(): AsyncIterable<never> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      // The client asks for it when the call ends.
      throw: (reason) => Promise.reject(reason as Error),
    }),
  };
}

/** How a call failed. */
async function ended(call: Promise<unknown>): Promise<Code | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return ConnectError.from(error).code;
  }
}

describe("a server that is told to stop while views stream in", () => {
  it("should end the streams in time, say so, and keep what it acknowledged", async () => {
    const dice = throwDice("a stop under load");
    const books = new Books(dice);
    const directory = await temporaryDirectory();
    const settings = { MARQUEE_DATA_DIR: directory, MARQUEE_DRAIN_MS: String(DRAIN_MS) };
    const server = await spawnServer(settings);
    const load = startLoad({ url: server.url, books, dice });
    for (const way of ways) await expect.poll(() => load.acknowledged[way]).toBeGreaterThan(200);
    // Streams on which nothing happens must not keep it either.
    using client = createMarqueeClient({ url: server.url, retry: false });
    const idle = [
      ended(client.analytics.ingestViews(nothing())[Symbol.asyncIterator]().next()),
      ended(client.analytics.logViews(nothing())),
    ];
    // The server has begun with them once it answers what came after them.
    await client.greeter.greet({ name: "Ada" });
    expect(load.failures).toEqual([]);

    expect(await server.stop("SIGTERM")).toBe(0);
    await load.end();
    expect(await Promise.all(idle)).toEqual([Code.Unavailable, Code.Unavailable]);

    // Only what goes on for as long as its client likes may have been cut.
    expect(server.lines.at(-1)).toMatchObject({ msg: "stopped" });
    expect(server.lines.at(-1)?.["cut"]).toBeLessThanOrEqual(1);
    // A call that the server never began with is no failure of the server's.
    const failed = load.failures.filter(({ error }) => !explainError(error).connectionFailed);
    expect(new Set(failed.map(({ error }) => error.code))).toEqual(new Set([Code.Unavailable]));
    expect(failed.map(({ way }) => way)).toContain("IngestViews");
    for (const way of ways) expect(load.failures.map((one) => one.way)).toContain(way);
    expect(load.lies).toEqual([]);
    expect(disagreements(await readLog(directory), books)).toEqual([]);

    const again = await spawnServer(settings);
    await expectAgreement(again, directory, books);
    expect(await again.stop("SIGTERM")).toBe(0);
  });
});
