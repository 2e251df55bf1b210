import { expect, onTestFinished, test, vi } from "vitest";
import { startRetention, type Retention } from "../../src/analytics/retention.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { view } from "../support/views.ts";

const DAY_MS = 86_400_000;

async function openLog(): Promise<SqliteLog> {
  const log = await SqliteLog.open({ directory: await temporaryDirectory() });
  onTestFinished(() => log.close());
  return log;
}

async function videosIn(log: SqliteLog): Promise<string[]> {
  const everything = { after: 0, upTo: log.position, from: undefined, to: undefined, viewer: "" };
  const { views } = await log.readViews(caller(), everything, 1_000);
  return views.map(({ video }) => video);
}

function start(log: SqliteLog, days: number): { retention: Retention; lines: object[] } {
  const lines: object[] = [];
  const logger = {
    info: (details: object): void => void lines.push(details),
    error: (details: object): void => void lines.push(details),
  };
  const retention = startRetention({ log, days, logger, firstMs: 1, everyMs: 5 });
  onTestFinished(() => retention.close());
  return { retention, lines };
}

test("should remove views that are too old, again and again, and say so once for each time", async () => {
  const log = await openLog();
  const now = Date.now();
  await log.appendView(caller(), view({ video: "old", time: now - 31 * DAY_MS }));
  await log.appendView(caller(), view({ video: "recent", time: now - 29 * DAY_MS }));
  const { lines } = start(log, 30);
  await vi.waitFor(async () => expect(await videosIn(log)).toEqual(["recent"]), 10_000);
  // It is taken although it is too old, and goes with the next sweep.
  const late = view({ video: "late", time: now - 40 * DAY_MS });
  expect(await log.appendView(caller(), late)).toMatchObject({ outcome: "logged" });
  await vi.waitFor(async () => expect(await videosIn(log)).toEqual(["recent"]), 10_000);
  await vi.waitFor(() => expect(lines).toMatchObject([{ views: 1 }, { views: 1 }]), 10_000);
});

test("should remove nothing when views are kept for ever, nor after its end", async () => {
  const log = await openLog();
  await log.appendView(caller(), view({ video: "old", time: 946_684_800_000 }));
  const { retention: forEver, lines } = start(log, 0);
  const { retention } = start(log, 1_000_000);
  await retention.close();
  await forEver.close();
  expect(await videosIn(log)).toEqual(["old"]);
  expect(lines).toEqual([]);
});
