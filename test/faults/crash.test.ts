import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createMarqueeClient } from "../../src/client/client.ts";
import { EntryType } from "../../src/log/log.ts";
import { openLogReader } from "../../src/log/reader.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";

const ROUNDS = 10;

/** Every view id in the log, in order. */
async function loggedViewIds(directory: string): Promise<string[]> {
  const reader = openLogReader({ file: join(directory, "log.db") });
  const entries = await reader.read(0, 1_000_000);
  await reader.close();
  return entries.filter(({ type }) => type === EntryType.VIEW).map(({ viewId }) => viewId);
}

describe("a server that is killed", () => {
  it.each([1, 64])(
    "should have every acknowledged view once, at concurrency %i",
    { timeout: 300_000 },
    async (concurrency) => {
      const directory = await temporaryDirectory();
      const sent = new Set<string>();
      const acknowledged = new Set<string>();
      for (let round = 0; round < ROUNDS; round++) {
        const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
        const client = createMarqueeClient({ url: server.url, retry: false });
        const log = async (viewId: string): Promise<boolean> => {
          sent.add(viewId);
          const { position } = await client.analytics.logView({
            videoName: "video",
            viewerId: `viewer-${viewId}`,
            viewId,
          });
          acknowledged.add(viewId);
          return position > 0n;
        };
        // What was not acknowledged before the last kill is sent again.
        for (const viewId of sent) if (!acknowledged.has(viewId)) await log(viewId);

        const writers = Array.from({ length: concurrency }, async (_, writer) => {
          // Until the server is gone.
          for (let count = 0; await log(`${round}-${writer}-${count}`).catch(() => false); count++);
        });
        const known = acknowledged.size;
        await expect.poll(() => acknowledged.size).toBeGreaterThan(known + concurrency);
        await sleep(Math.random() * 200);
        expect(await server.stop("SIGKILL")).toBe("SIGKILL");
        await Promise.all(writers);
        client.close();

        const logged = await loggedViewIds(directory);
        const distinct = new Set(logged);
        expect(distinct.size).toBe(logged.length);
        expect([...acknowledged].filter((viewId) => !distinct.has(viewId))).toEqual([]);
      }

      const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
      using client = createMarqueeClient({ url: server.url });
      let last = 0n;
      for (const viewId of sent) {
        if (acknowledged.has(viewId)) continue;
        const request = { videoName: "video", viewerId: `viewer-${viewId}`, viewId };
        last = (await client.analytics.logView(request)).position;
      }
      // A repeat of a view from the beginning tells whether the log still knows it.
      const [first] = sent;
      const again = { videoName: "video", viewerId: `viewer-${first}`, viewId: first as string };
      expect(await client.analytics.logView(again)).toMatchObject({ duplicate: true });
      const reader = openLogReader({ file: join(directory, "log.db") });
      const minPosition = BigInt(await reader.position());
      await reader.close();
      expect(minPosition).toBeGreaterThanOrEqual(last);
      expect(
        await client.analytics.getViewStats({ videoName: "video", minPosition }),
      ).toMatchObject({ views: BigInt(sent.size), uniqueViewers: BigInt(sent.size) });
      expect(await server.stop("SIGTERM")).toBe(0);
    },
  );
});
