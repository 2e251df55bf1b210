import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";
import { Books } from "./support/books.ts";
import { expectAgreement, settleAll } from "./support/crash-rounds.ts";
import { throwDice } from "./support/dice.ts";
import { startLoad } from "./support/load.ts";

const KILLS = Number(process.env["MARQUEE_TEST_KILLS"] ?? 3);
/** Enough that an erasure has pieces between which a kill can come. */
const VIEWS = 2_500;
const TIME = Date.UTC(2025, 0, 1);

/** Who is erased; all views are of one video of their own. */
interface Victim {
  readonly viewerId: string;
  readonly videoName: string;
  /** Whether the erasure was begun, and whether it was acknowledged. */
  asked: boolean;
  erased: boolean;
}

async function logAll(client: MarqueeClient, { viewerId, videoName }: Victim): Promise<void> {
  const views = Array.from({ length: VIEWS }, (_, number) => ({
    viewId: `${videoName}-${number}`,
    videoName,
    viewerId,
    startTime: { seconds: BigInt(TIME / 1_000 + number), nanos: 0 },
  }));
  const answer = await client.analytics.logViews(
    (async function* messages() {
      yield { views };
    })(),
  );
  expect(Number(answer.logged)).toBe(VIEWS);
}

/** How many views of somebody there are, by the counts, by the export, and by their video alone. */
async function seen(client: MarqueeClient, { viewerId, videoName }: Victim): Promise<number[]> {
  let ofViewer = 0;
  for await (const { views } of client.analytics.exportViews({ viewerId }))
    ofViewer += views.length;
  let ofVideo = 0;
  let position = 0n;
  for await (const answer of client.analytics.exportViews({})) {
    ofVideo += answer.views.filter((view) => view.videoName === videoName).length;
    position = answer.position;
  }
  const stats = await client.analytics.getViewStats({ videoName, minPosition: position });
  expect(stats.uniqueViewers).toBe(stats.views > 0n ? 1n : 0n);
  return [ofViewer, ofVideo, Number(stats.views)];
}

/** Whether the name of a viewer stands in the files of the log. */
async function inLog(directory: string, text: string): Promise<boolean> {
  const files = ["log.db", "log.db-wal", "erasures.jsonl"];
  const contents = await Promise.all(
    files.map((file) => readFile(join(directory, file)).catch(() => Buffer.alloc(0))),
  );
  return contents.some((bytes) => bytes.includes(text));
}

const all = [VIEWS, VIEWS, VIEWS];
const none = [0, 0, 0];

describe("a server that is killed while it erases viewers", () => {
  it("should have erased them wholly, or not at all", { timeout: 600_000 }, async () => {
    const dice = throwDice(`${KILLS} kills of erasures`);
    const books = new Books(dice);
    const directory = await temporaryDirectory();
    const settings = { MARQUEE_DATA_DIR: directory };
    const victims: Victim[] = [];
    const outcomes: string[] = [];
    for (let round = 0; round < KILLS; round++) {
      const server = await spawnServer(settings);
      using client = createMarqueeClient({ url: server.url, retry: false });
      const victim = {
        viewerId: `victim-${round}-of-${dice.seed}`,
        videoName: `video-of-victim-${round}`,
        asked: false,
        erased: false,
      };
      victims.push(victim);
      await logAll(client, victim);
      const load = startLoad({ url: server.url, books, dice, pauseMs: 10 });
      victim.asked = true;
      let erasedViews = BigInt(VIEWS);
      const erasing = client.analytics
        .eraseViewer({ viewerId: victim.viewerId })
        .then((answer) => {
          erasedViews = answer.viewsErased;
          victim.erased = true;
        })
        .catch((error: unknown) => {
          // It was killed, which is all that may have gone wrong.
          if (!(error instanceof ConnectError)) throw error;
        });
      await sleep(dice.below(dice.oneOf([20, 200, 1_000])));
      expect(load.failures).toEqual([]);
      expect(await server.stop("SIGKILL")).toBe("SIGKILL");
      await Promise.all([erasing, load.end()]);
      expect(load.lies).toEqual([]);
      expect(erasedViews).toBe(BigInt(VIEWS));

      const again = await spawnServer(settings);
      using after = createMarqueeClient({ url: again.url, retry: false });
      const counts = await seen(after, victim);
      outcomes.push(victim.erased ? "acknowledged" : counts[0] === 0 ? "done" : "not begun");
      expect(victim.erased ? [none] : [all, none]).toContainEqual(counts);
      const { viewsErased } = await after.analytics.eraseViewer({ viewerId: victim.viewerId });
      expect(Number(viewsErased)).toBe(counts[0]);
      expect(await seen(after, victim)).toEqual(none);
      expect(await inLog(directory, victim.viewerId)).toBe(false);
      expect(await again.stop("SIGKILL")).toBe("SIGKILL");
    }

    const server = await spawnServer(settings);
    using client = createMarqueeClient({ url: server.url, retry: false });
    for (const victim of victims) expect(await seen(client, victim)).toEqual(none);
    await settleAll(server, books);
    const state = await expectAgreement(server, directory, books);
    expect(state.views.size).toBe(books.views.size);
    expect(await server.stop("SIGTERM")).toBe(0);
    for (const { viewerId } of victims) expect(await inLog(directory, viewerId)).toBe(false);
    // oxlint-disable-next-line no-console
    console.log(`erasures: ${outcomes.join(", ")}`);
  });
});
