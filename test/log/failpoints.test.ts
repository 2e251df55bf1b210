import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { EntryType } from "../../src/log/log.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { temporaryDirectory } from "../support/directory.ts";

const script = join(import.meta.dirname, "support/appending.ts");

describe("a log whose process is killed", () => {
  it.each([
    "log.received:25",
    "log.before-commit:9",
    "log.after-commit:9",
    "log.before-answer:9",
    "log.erasing:1",
    "log.erasing:3",
    "log.trimming:1",
    "log.trimming:2",
  ])("should have all that it acknowledged once, killed at %s", async (failpoint) => {
    const directory = await temporaryDirectory();
    const ended = spawnSync(process.execPath, [script, directory], {
      env: { ...process.env, MARQUEE_FAILPOINT: failpoint },
      encoding: "utf8",
    });
    expect(ended.stderr).toBe("");
    expect(ended.signal).toBe("SIGKILL");
    const told = new Set(ended.stdout.split("\n").filter((line) => line !== ""));

    const log = await SqliteLog.open({ directory });
    onTestFinished(() => log.close());
    const entries = await log.read(0, 100_000);
    expect(entries.at(-1)?.position ?? 0).toBeLessThanOrEqual(log.position);
    const ids = entries.filter(({ type }) => type === EntryType.VIEW).map(({ viewId }) => viewId);
    expect(new Set(ids).size).toBe(ids.length);
    const acts = entries.filter(({ type }) => type > EntryType.FEEDBACK);
    const isErased = acts.some(({ type }) => type === EntryType.ERASE);
    const isTrimmed = acts.some(({ type }) => type === EntryType.TRIM);
    expect(told.has("erased") && !isErased).toBe(false);
    // Whatever of it was left is gone when the log is open.
    expect(await log.findName(0, "viewer", "ann")).toEqual(isErased ? undefined : 1);
    const there = new Set(ids);
    const lost = [...told].filter((viewId) => {
      const number = Number(viewId.slice("view-".length));
      if (Number.isNaN(number) || there.has(viewId)) return false;
      return !(isErased && number % 2 === 0) && !(isTrimmed && number < 3_000);
    });
    expect(lost).toEqual([]);
    const theirs = ids.filter((viewId) => Number(viewId.slice("view-".length)) % 2 === 0);
    expect(isErased ? theirs : []).toEqual([]);
  });
});
