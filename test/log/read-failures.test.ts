import { rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { view } from "../support/views.ts";

describe("a SQLite log that cannot be read", () => {
  it("should fail the calls that read, and read again as soon as it can", async () => {
    const directory = await temporaryDirectory();
    const failures: Error[] = [];
    const log = await SqliteLog.open({ directory, onFatal: (error) => failures.push(error) });
    onTestFinished(() => log.close());
    await log.appendViews(caller(), [view({ viewer: "ann" }), view()]);
    const file = join(directory, "log.db");
    // What is open stays open: only the thread that reads, which has not begun, is in want of it.
    await rename(file, `${file}.away`);
    const copy = join(directory, "copy.db");
    for (let times = 0; times < 2; times++) {
      for (const read of [
        () => log.read(0, 10),
        () => log.findNames(0, "video", ""),
        () => log.trimViews(caller(), Date.now()),
        () => log.copyTo(copy),
      ]) {
        await expect(read()).rejects.toMatchObject({
          code: "unavailable",
          cause: { code: "SQLITE_CANTOPEN" },
        });
      }
    }
    const { outcome } = await log.appendView(caller(), view());
    expect(outcome).toBe("logged");
    await rename(`${file}.away`, file);
    expect(await log.read(0, 10)).toHaveLength(3);
    expect(await log.copyTo(copy)).toBe(3);
    expect(failures).toEqual([]);
  });

  it("should let its followers wait until it can be read", async () => {
    const directory = await temporaryDirectory();
    const first = await SqliteLog.open({ directory });
    await first.appendViews(caller(), [view(), view()]);
    await first.close();
    const log = await SqliteLog.open({ directory });
    onTestFinished(() => log.close());
    const file = join(directory, "log.db");
    await rename(file, `${file}.away`);
    const following = log.follow(0, new AbortController().signal)[Symbol.asyncIterator]();
    const next = following.next();
    await expect(log.read(0, 10)).rejects.toThrow("the log cannot be read now");
    await rename(`${file}.away`, file);
    expect((await next).value).toHaveLength(2);
  });

  it.each([
    ["something else", (file: string) => writeFile(file, "this is no database at all")],
    ["cut short", (file: string) => truncate(file, 8_192)],
  ])("should advise to restore it where it is %s", async (_, damage) => {
    const directory = await temporaryDirectory();
    const log = await SqliteLog.open({ directory });
    await log.appendView(caller(), view());
    await log.close();
    const file = join(directory, "log.db");
    await damage(file);
    await expect(SqliteLog.open({ directory })).rejects.toThrow(
      /^the log .*log\.db cannot be opened: .*: restore it from a backup$/,
    );
  });
});
