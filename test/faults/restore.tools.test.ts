import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createMarqueeClient } from "../../src/client/index.ts";
import { marquee, nowhere } from "../cli/marquee.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";

const entry = new URL("../../src/bin.js", import.meta.url).pathname;

/** The system calls that replace data, one by one. */
const CALLS = ["rename", "unlink", "rmdir"];

/** Restores, and kills that at the n-th of its calls; whether it came to its end before. */
async function killedRestore(
  backup: string,
  data: string,
  call: string,
  nth: number,
): Promise<boolean> {
  const kill = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${nth}`];
  const command = [process.execPath, entry, "restore", backup, "--data-dir", data, "--replace"];
  const child = spawn("strace", ["-f", "-qq", "-o", "/dev/null", ...kill, ...command]);
  const [code] = (await once(child, "close")) as [number | null];
  return code === 0;
}

/** Shows that no server starts from what was half restored, and that it can be restored. */
async function restoreAgain(backup: string, data: string): Promise<void> {
  const start = spawnServer({ MARQUEE_DATA_DIR: data });
  await expect(start).rejects.toThrow(/a restore of \S+ was interrupted/);
  const args = ["restore", backup, "--data-dir", data, "--replace"];
  expect(await marquee(nowhere, ...args)).toMatchObject({ code: 0 });
}

async function contentOf(directory: string): Promise<string> {
  const files = ["log.db", "state.db"].map((name) =>
    readFile(join(directory, name), "hex").catch(() => ""),
  );
  return (await Promise.all(files)).join("/");
}

test(
  "should leave the old data or the new, or what no server starts from, wherever it is killed",
  { timeout: 300_000 },
  async () => {
    const old = await temporaryDirectory();
    const backup = join(await temporaryDirectory(), "backup");
    const server = await spawnServer({ MARQUEE_DATA_DIR: old });
    using client = createMarqueeClient({ url: server.url });
    await client.analytics.logView({ videoName: "film", viewerId: "ann" });
    await client.analytics.eraseViewer({ viewerId: "ann" });
    expect(await marquee(server.url, "backup", backup)).toMatchObject({ code: 0 });
    await client.analytics.logView({ videoName: "clip" });
    await server.stop("SIGTERM");
    await writeFile(join(old, "log.db-wal"), "");
    const [oldContent, newContent] = [await contentOf(old), await contentOf(backup)];

    let kills = 0;
    for (const call of CALLS) {
      for (let nth = 1; nth < 20; nth++) {
        const data = join(await temporaryDirectory(), "data");
        await cp(old, data, { recursive: true });
        if (await killedRestore(backup, data, call, nth)) break;
        kills++;
        const names = await readdir(data);
        expect(names).toContain("erasures.jsonl");
        const isHalf = names.includes("restore.running");
        if (isHalf) await restoreAgain(backup, data);
        const isOld = !isHalf && names.some((name) => name.startsWith("columns"));
        expect(await contentOf(data)).toBe(isOld ? oldContent : newContent);
      }
    }
    expect(kills).toBeGreaterThanOrEqual(CALLS.length);
  },
);
