import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";
import { run } from "../support/run.ts";

describe("a full disk", () => {
  it("should cost no acknowledged view, and be recovered from without a restart", async () => {
    const directory = join(await temporaryDirectory(), "disk");
    await mkdir(directory);
    // It needs the rights to mount, as a container's root has them.
    const mounted = await run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", directory);
    expect(mounted.code, mounted.stderr).toBe(0);
    onTestFinished(async () => {
      await run("umount", "--lazy", directory);
    });
    const ballast = join(directory, "ballast");
    const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
    using client = createMarqueeClient({ url: server.url, retry: false });
    let acknowledged = 0n;
    const log = async (): Promise<Code | undefined> => {
      try {
        await client.analytics.logView({ videoName: "video", referrer: "x".repeat(2_000) });
        acknowledged++;
        return undefined;
      } catch (error) {
        return ConnectError.from(error).code;
      }
    };
    for (let count = 0; count < 50; count++) expect(await log()).toBeUndefined();

    // All that is left of the disk, and then some.
    await writeFile(ballast, Buffer.alloc(16 * 1_048_576)).catch(() => {});
    const codes = new Set<Code | undefined>();
    for (let count = 0; count < 200; count++) codes.add(await log());
    expect(codes).toContain(Code.Unavailable);
    expect([...codes].filter((code) => code !== undefined)).toEqual([Code.Unavailable]);
    const items = [{ id: "a", title: "A", description: "x".repeat(10_000) }];
    const refused = await client.catalog.upsertItems({ items }).catch((reason: unknown) => reason);
    expect(ConnectError.from(refused).code).toBe(Code.Unavailable);
    // Reads go on.
    expect(await client.greeter.greet({ name: "Ann" })).toMatchObject({ greeting: "Hello Ann" });
    expect((await client.recommendations.recommend({})).recommendations).toHaveLength(1);

    await rm(ballast);
    await expect.poll(log).toBeUndefined();
    const { position } = await client.analytics.logView({ videoName: "last" });
    await expect
      .poll(() =>
        client.analytics.getViewStats({ videoName: "video", minPosition: position }).catch(String),
      )
      .toMatchObject({ views: acknowledged });
    expect(await client.catalog.upsertItems({ items })).toMatchObject({ created: 1 });
    expect(await server.stop("SIGTERM")).toBe(0);
  });
});
