import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { ProjectedColumns } from "../../src/analytics/columns/projected-columns.ts";
import { Ingestion } from "../../src/analytics/ingestion.ts";
import { Questions } from "../../src/analytics/questions.ts";
import { internalCaller } from "../../src/caller.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { rating, SOME_TIME, view } from "../support/views.ts";

const ALWAYS = { from: undefined, to: undefined };

interface Subject {
  log: SqliteLog;
  columns: ProjectedColumns;
  ingestion: Ingestion;
  questions: Questions;
}

async function open(directory: string): Promise<Subject & { close: () => Promise<void> }> {
  const log = await SqliteLog.open({ directory });
  const columns = await ProjectedColumns.open({
    log,
    directory,
    memoryMb: 256,
    onFatal: (error) => {
      throw error;
    },
  });
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await columns.close();
    await log.close();
  };
  onTestFinished(close);
  return {
    log,
    columns,
    ingestion: new Ingestion(log),
    questions: new Questions(log, columns),
    close,
  };
}

describe("Analytics", () => {
  it("should see a view in every question that names its position", async () => {
    const { ingestion, questions } = await open(await temporaryDirectory());
    for (let count = 1; count <= 20; count++) {
      const { position } = await ingestion.logView(caller(), view({ viewer: `${count}` }));
      const stats = await questions.viewStats(caller(), {
        video: "video",
        span: ALWAYS,
        minPosition: position,
      });
      expect(stats).toMatchObject({ views: count, uniqueViewers: count });
      expect(stats.position).toBeGreaterThanOrEqual(position);
    }
  });

  it("should see a view after a while in questions that name no position", async () => {
    const { ingestion, questions } = await open(await temporaryDirectory());
    await ingestion.logView(caller(), view());
    await expect
      .poll(() => questions.viewStats(caller(), { video: "video", span: ALWAYS, minPosition: 0 }))
      .toMatchObject({ views: 1 });
  });

  it("should reach a position whose entry left nothing in the columns", async () => {
    const { log, questions } = await open(await temporaryDirectory());
    await log.appendFeedback(caller(), [rating()]);
    const { position } = await log.appendFeedback(caller(), [
      rating({ value: 1, time: SOME_TIME + 1 }),
    ]);
    const query = { video: "video", span: ALWAYS, minPosition: position };
    expect(await questions.viewStats(caller(), query)).toMatchObject({ views: 0, position });
  });

  it("should refuse a position beyond the end of the log", async () => {
    const { ingestion, questions } = await open(await temporaryDirectory());
    const { position } = await ingestion.logView(caller(), view());
    const query = { video: "video", span: ALWAYS, minPosition: position + 1 };
    await expect(questions.viewStats(caller(), query)).rejects.toMatchObject({
      code: "invalid_argument",
      violations: [{ field: "min_position" }],
    });
  });

  it("should stop to wait for a position when the caller's signal aborts", async () => {
    const { columns } = await open(await temporaryDirectory());
    const controller = new AbortController();
    const waiting = columns.reached(1_000_000, controller.signal);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(columns.reached(1_000_000, controller.signal)).rejects.toThrow("enough");
  });

  it("should refuse the view id of another view, and name the field", async () => {
    const { ingestion } = await open(await temporaryDirectory());
    await ingestion.logView(caller(), view({ viewId: "v" }));
    await expect(
      ingestion.logView(caller(), view({ viewId: "v", video: "other" })),
    ).rejects.toMatchObject({ code: "already_exists", violations: [{ field: "view_id" }] });
  });

  it("should page through the top videos by token, and refuse the token of another question", async () => {
    const { log, ingestion, questions } = await open(await temporaryDirectory());
    for (const name of ["a", "b", "b", "c", "c", "c"]) {
      await ingestion.logView(caller(), view({ video: name }));
    }
    const ask = (pageToken: string, span = ALWAYS as { from: number | undefined; to: undefined }) =>
      questions.topVideos(caller(), {
        span,
        pageSize: 2,
        pageToken,
        minPosition: log.position,
      });
    const first = await ask("");
    expect(first.videos.map(({ name, views }) => [name, views])).toEqual([
      ["c", 3],
      ["b", 2],
    ]);
    const second = await ask(first.nextPageToken);
    expect(second.videos.map(({ name }) => name)).toEqual(["a"]);
    expect(second.nextPageToken).toBe("");
    const otherSpan = { from: SOME_TIME, to: undefined };
    for (const refused of [
      ask(first.nextPageToken, otherSpan),
      ask("nonsense"),
      ask(`${first.nextPageToken}AAAA`),
      questions.topVideos(internalCaller(1, new AbortController().signal), {
        span: ALWAYS,
        pageSize: 2,
        pageToken: first.nextPageToken,
        minPosition: 0,
      }),
    ]) {
      await expect(refused).rejects.toMatchObject({
        code: "invalid_argument",
        violations: [{ field: "page_token" }],
      });
    }
  });

  it("should build dropped columns again from the log, with the same answers", async () => {
    const directory = await temporaryDirectory();
    const before = await open(directory);
    const history = fc.sample(
      fc.record({
        viewId: fc.nat(500).map((id) => `view-${id}`),
        video: fc.nat(20).map((id) => `video-${id}`),
        viewer: fc.nat(30).map((id) => (id === 0 ? "" : `viewer-${id}`)),
        time: fc.integer({ min: SOME_TIME, max: SOME_TIME + 1000 }),
        watchMs: fc.nat(10_000),
      }),
      1000,
    );
    for (const parts of history) {
      // Some view ids repeat with another video or viewer: those are refused.
      await before.ingestion.logView(caller(), view(parts)).catch(() => {});
    }
    await before.log.appendFeedback(caller(), [rating()]);
    const ask = async ({ log, questions }: Subject) => {
      const top = await questions.topVideos(caller(), {
        span: { from: SOME_TIME + 100, to: SOME_TIME + 900 },
        pageSize: 100,
        pageToken: "",
        minPosition: log.position,
      });
      const query = { video: "video-7", span: ALWAYS, minPosition: log.position };
      return { top, one: await questions.viewStats(caller(), query) };
    };
    const answers = await ask(before);
    expect(answers.top.videos.length).toBeGreaterThan(10);
    await before.close();

    await rm(join(directory, "columns.duckdb"));
    const after = await open(directory);
    expect(await ask(after)).toEqual(answers);
  });

  it("should build the columns again when the log is an older one", async () => {
    const directory = await temporaryDirectory();
    const before = await open(directory);
    for (let count = 0; count < 5; count++) await before.ingestion.logView(caller(), view());
    await before.columns.reached(before.log.position, AbortSignal.timeout(30_000));
    await before.close();
    for (const file of ["log.db", "log.db-wal", "log.db-shm"]) {
      await rm(join(directory, file), { force: true });
    }
    const after = await open(directory);
    const { position } = await after.ingestion.logView(caller(), view());
    const query = { video: "video", span: ALWAYS, minPosition: position };
    expect(await after.questions.viewStats(caller(), query)).toMatchObject({ views: 1 });
  });
});
