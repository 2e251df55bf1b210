import { describe, expect, it, onTestFinished } from "vitest";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";
import { startServer } from "../support/server.ts";
import { fileOf, marquee, nowhere, start, type Ended } from "./marquee.ts";

function totals({ stdout }: Ended): Record<string, number> {
  return JSON.parse(stdout) as Record<string, number>;
}

/** Fulfilled when the first rows of an import are counted. */
async function someAreIn(client: MarqueeClient): Promise<void> {
  const views = async (): Promise<bigint> =>
    (await client.analytics.getViewStats({ videoName: "v0" })).views;
  await expect.poll(views).toBeGreaterThan(0n);
}

const views = [
  "video,user,time,watch,country",
  "sintel,ann,2026-01-31T12:00:00Z,95.5,nl",
  "sintel,ann,2026-01-31T12:00:00Z,95.5,nl",
  "sintel,ben,1769860800,,",
  "sintel,ben,1769860800000,-3,",
  "sintel,ben,soon,,",
  "",
].join("\n");

describe("import views", () => {
  it("counts each row once, however often the file is imported", async () => {
    const { url, client } = await startServer();
    const file = await fileOf("views.csv", views);
    const first = await marquee(url, "import", "views", file, "--json");
    expect(first.code).toBe(2);
    expect(first.stderr.split("\n").slice(0, 2)).toEqual([
      'views.csv, line 5: watch: "-3" is no plain number of seconds',
      'views.csv, line 6: time: "soon" is neither ISO 8601 nor Unix time',
    ]);
    // Two equal rows are two views.
    expect(totals(first)).toMatchObject({ read: 5, logged: 3, duplicates: 0, rejected: 2 });
    const again = await fileOf("views.csv", views);
    expect(totals(await marquee(url, "import", "views", again, "--json"))).toMatchObject({
      logged: 0,
      duplicates: 3,
    });
    const { position } = await client.analytics.logView({ videoName: "other" });
    const stats = await client.analytics.getViewStats({
      videoName: "sintel",
      minPosition: position,
      interval: { endTime: { seconds: 1_769_860_801n, nanos: 0 } },
    });
    expect(stats).toMatchObject({ views: 3n, uniqueViewers: 2n });
    expect(stats.watchDuration?.seconds).toBe(191n);
  });

  it("takes the ids of the file, and rejects a row whose id is another view's", async () => {
    const { url } = await startServer();
    const file = await fileOf("ids.csv", "view_id,video\n1,a\n2,b\n1,a\n");
    expect(totals(await marquee(url, "import", "views", file, "--json"))).toMatchObject({
      logged: 2,
      duplicates: 1,
    });
    const other = await fileOf("other.csv", "view_id,video\n1,z\n3,c\n");
    const ended = await marquee(url, "import", "views", other, "--json");
    expect(totals(ended)).toMatchObject({ logged: 1, rejected: 1 });
    expect(ended.stderr).toMatch(/^other\.csv, line 2: /);
  });

  it("stops cleanly on Ctrl-C, says how far it came, and can be run again", async () => {
    const { url, client } = await startServer();
    const count = 400_000;
    const rows = Array.from({ length: count }, (_, i) => `v${i % 10},u${i % 100}`);
    const file = await fileOf("many.csv", `video,viewer\n${rows.join("\n")}\n`);
    const { child, ended } = start(url, ["import", "views", file, "--json"]);
    await someAreIn(client);
    child.kill("SIGINT");
    const interrupted = await ended;
    expect({ code: interrupted.code, signal: interrupted.signal }).toEqual({
      code: 130,
      signal: null,
    });
    expect(interrupted.stderr).toMatch(/marquee: interrupted: run it again to import the rest\n$/);
    const { read = 0, logged = 0 } = totals(interrupted);
    expect(logged).toBeGreaterThan(0);
    expect(logged).toBeLessThanOrEqual(read);
    expect(read).toBeLessThan(count);
  });

  it("waits for a server that starts again, and counts each row once", async () => {
    const settings = { MARQUEE_DATA_DIR: await temporaryDirectory() };
    const before = await spawnServer(settings);
    const count = 200_000;
    const rows = Array.from({ length: count }, (_, i) => `v${i % 10},u${i % 100}`);
    const file = await fileOf("many.csv", `video,viewer\n${rows.join("\n")}\n`);
    const { ended } = start(before.url, ["import", "views", file, "--json"]);
    const client = createMarqueeClient({ url: before.url });
    onTestFinished(() => client.close());
    await someAreIn(client);
    await before.stop("SIGKILL");
    await spawnServer({ ...settings, MARQUEE_PORT: new URL(before.url).port });
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    const { logged = 0, duplicates = 0 } = JSON.parse(stdout) as Record<string, number>;
    // What was on disk, and not acknowledged when it was killed, is a duplicate.
    expect(logged + duplicates).toBe(count);
    expect(duplicates).toBeLessThan(10_000);
  });

  it("fails when the server is gone and does not come back in time", async () => {
    const { url, app, client } = await startServer();
    const rows = Array.from({ length: 400_000 }, (_, i) => `v${i % 10}`);
    const file = await fileOf("many.csv", `video\n${rows.join("\n")}\n`);
    const { ended } = start(url, ["import", "views", file, "--timeout", "3", "--json"]);
    await someAreIn(client);
    await app.close();
    const failed = await ended;
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/(?:^|\n)marquee: [^\n]+\n$/);
    expect(totals(failed)["logged"]).toBeGreaterThan(0);
  });

  it("does not begin when nothing answers", async () => {
    const file = await fileOf("views.csv", views);
    const { code, stdout, stderr } = await marquee(nowhere, "import", "views", file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^marquee: nothing answers at [^\n]+\n$/);
  });
});
