import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  ProjectedColumns,
  type ProjectedColumnsOptions,
} from "../../src/analytics/columns/projected-columns.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { view } from "../support/views.ts";

const ALWAYS = { from: undefined, to: undefined };
const ENDLESS = "select sum(a.range * b.range) from range(10000000) a, range(10000000) b";

async function start(options: Partial<ProjectedColumnsOptions> = {}) {
  const directory = await temporaryDirectory();
  const log = await SqliteLog.open({ directory });
  onTestFinished(() => log.close());
  const open = async (): Promise<ProjectedColumns> => {
    const columns = await ProjectedColumns.open({
      log,
      directory,
      memoryMb: 256,
      onFatal: (error) => expect.fail(String(error)),
      ...options,
    });
    onTestFinished(() => columns.close());
    return columns;
  };
  return { directory, log, open };
}

describe("columns that follow a log", () => {
  it("should wait for the position that an answer must cover, and tell the one that it has", async () => {
    const { log, open } = await start();
    const columns = await open();
    for (let views = 1; views <= 20; views++) {
      const { position } = await log.appendView(caller(), view({ viewer: `viewer ${views}` }));
      const asking = { signal: AbortSignal.timeout(10_000), minPosition: position };
      const answer = await columns.viewTotals(0, undefined, ALWAYS, asking);
      expect(answer.position).toBe(position);
      expect(answer.value).toMatchObject({ views, uniqueViewers: views });
      const live = await columns.liveSnapshot(0, undefined, 0, asking);
      expect(live.counts[0]?.viewers).toHaveLength(views);
    }
  });

  it("should break a question off when its signal aborts, and go on with all else", async () => {
    const { log, open } = await start();
    const columns = await open();
    const reason = new Error("the deadline is past");
    const cancel = new AbortController();
    const questions = Array.from({ length: 8 }, () =>
      columns.query(ENDLESS, [], { signal: cancel.signal }),
    );
    const outcomes = Promise.allSettled(questions);
    const { position } = await log.appendView(caller(), view());
    // The projection is not held up by them.
    await columns.reached(position, AbortSignal.timeout(10_000));
    cancel.abort(reason);
    expect(await outcomes).toEqual(questions.map(() => ({ status: "rejected", reason })));
    const { value } = await columns.viewTotals(0, 1, ALWAYS, {
      signal: AbortSignal.timeout(10_000),
    });
    expect(value.views).toBe(1);
    await expect(columns.query("select 1", [], { signal: cancel.signal })).rejects.toBe(reason);
  });

  it("should close while questions are being answered", async () => {
    const { open } = await start();
    const columns = await open();
    const question = columns.query(ENDLESS, [], { signal: AbortSignal.timeout(10_000) });
    await Promise.all([
      expect(question).rejects.toThrow(/broken off|Interrupt|not open|abort|ended/i),
      columns.close(),
    ]);
  });

  it("should lose an erased viewer's bytes shortly after", async () => {
    const onCompacted = vi.fn<NonNullable<ProjectedColumnsOptions["onCompacted"]>>();
    const { directory, log, open } = await start({ compression: false, onCompacted });
    const secret = "c0ffee".repeat(20);
    const columns = await open();
    await log.appendView(caller(), view({ viewer: "erased", referrer: secret }));
    await log.appendView(caller(), view({ viewer: "kept" }));
    // What the log erases before it is read never comes to the columns.
    await columns.reached(log.position, AbortSignal.timeout(10_000));
    const { position } = await log.eraseViewer(caller(), "erased");
    const { value } = await columns.viewTotals(0, 1, ALWAYS, {
      signal: AbortSignal.timeout(10_000),
      minPosition: position,
    });
    expect(value).toMatchObject({ views: 1, uniqueViewers: 1 });
    await vi.waitFor(() => expect(onCompacted).toHaveBeenCalled(), 20_000);
    await columns.close();
    const bytes = await readFile(join(directory, "columns.duckdb"));
    expect(bytes.includes(secret)).toBe(false);
  }, 30_000);

  it("should say how far they are when they are far behind, and when they are not any more", async () => {
    const onCatchUp = vi.fn<NonNullable<ProjectedColumnsOptions["onCatchUp"]>>();
    const onCaughtUp = vi.fn<NonNullable<ProjectedColumnsOptions["onCaughtUp"]>>();
    const { log, open } = await start({ onCatchUp, onCaughtUp });
    for (let batch = 0; batch < 7; batch++) {
      await log.appendViews(
        caller(),
        Array.from({ length: 10_000 }, () => view()),
      );
    }
    const columns = await open();
    await columns.reached(log.position, AbortSignal.timeout(30_000));
    expect(onCatchUp.mock.calls[0]).toEqual([0, log.position]);
    await vi.waitFor(() => expect(onCaughtUp).toHaveBeenCalledOnce());
  }, 60_000);
});
