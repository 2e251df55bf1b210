import { stat } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { view } from "../support/views.ts";

describe("the WAL of the SQLite log", () => {
  it("should stay bounded while views come in", async () => {
    const directory = await temporaryDirectory();
    const log = await SqliteLog.open({ directory });
    onTestFinished(() => log.close());
    const referrer = "x".repeat(2_000);
    let written = 0;
    for (let round = 0; round < 100; round++) {
      const views = Array.from({ length: 1_000 }, () => view({ viewId: randomUUID(), referrer }));
      written += views.length * referrer.length;
      await log.appendViews(caller(), views);
    }
    const { size } = await stat(join(directory, "log.db-wal"));
    expect(written).toBeGreaterThan(190_000_000);
    // Twice what it is moved at: one transaction more, and what came meanwhile.
    expect(size).toBeLessThan(128 * 1_048_576);
  });
});
