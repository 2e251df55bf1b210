import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { Backups, type BackupPart } from "../../src/admin/backup.ts";
import { SqliteCatalog } from "../../src/catalog/items.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { openState } from "../../src/storage/state.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { view } from "../support/views.ts";

/** A log with so many views, and a state with one item. */
async function open(
  views: number,
): Promise<{ backups: Backups; log: SqliteLog; directory: string }> {
  const directory = await temporaryDirectory();
  const log = await SqliteLog.open({ directory });
  onTestFinished(() => log.close());
  const state = await openState({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  onTestFinished(() => state.destroy());
  await new SqliteCatalog(state).upsert(caller(), [
    { id: "film", title: "A film", creators: [], categories: [], description: "", properties: {} },
  ]);
  const referrer = "x".repeat(1_000);
  await log.appendViews(
    caller(),
    Array.from({ length: views }, () => view({ referrer })),
  );
  return { backups: await Backups.open({ log, directory }), log, directory };
}

/** The files that a backup sends, by their names, and its last part. */
async function received(
  parts: AsyncIterable<BackupPart>,
): Promise<{ files: Map<string, Buffer>; last: BackupPart | undefined }> {
  const files = new Map<string, Buffer>();
  let last: BackupPart | undefined;
  let current = "";
  let sha256 = Buffer.alloc(0);
  let size = 0;
  const check = (): void => {
    const bytes = files.get(current);
    if (bytes === undefined) return;
    expect(bytes.byteLength).toBe(size);
    expect(createHash("sha256").update(bytes).digest()).toEqual(sha256);
  };
  for await (const part of parts) {
    last = part;
    if ("data" in part) {
      if (part.data.byteLength > 1_048_576) throw new Error("a part is larger than 1 MiB");
      files.set(current, Buffer.concat([files.get(current) ?? Buffer.alloc(0), part.data]));
      continue;
    }
    check();
    if (!("file" in part)) continue;
    current = part.file.name;
    size = part.file.size;
    sha256 = Buffer.from(part.file.sha256);
    files.set(current, Buffer.alloc(0));
  }
  return { files, last };
}

test("should send log, state and erasures, each whole, and say at the end what they are", async () => {
  const { backups, log, directory } = await open(2_000);
  await log.appendView(caller(), view({ viewer: "ann" }));
  await log.eraseViewer(caller(), "ann");
  const { files, last } = await received(backups.stream(caller()));
  expect([...files.keys()]).toEqual(["log.db", "state.db", "erasures.jsonl"]);
  expect(last).toMatchObject({ summary: { logId: log.id, position: log.position } });
  const restored = await temporaryDirectory();
  for (const [name, bytes] of files) await writeFile(join(restored, name), bytes);
  const state = new Database(join(restored, "state.db"));
  expect(state.prepare("select title from item").pluck().all()).toEqual(["A film"]);
  expect(state.pragma("integrity_check", { simple: true })).toBe("ok");
  state.close();
  const copy = await SqliteLog.open({ directory: restored });
  onTestFinished(() => copy.close());
  expect(copy).toMatchObject({ id: log.id, position: log.position });
  expect(existsSync(join(directory, "backup.tmp"))).toBe(false);
});

test("should make one backup at a time, and another once that is over or nobody wants it", async () => {
  const { backups, directory } = await open(2_000);
  const first = backups.stream(caller());
  await first.next();
  expect(existsSync(join(directory, "backup.tmp"))).toBe(true);
  await expect(backups.stream(caller()).next()).rejects.toMatchObject({
    code: "failed_precondition",
    reason: "BACKUP_RUNNING",
  });
  await first.return(undefined);
  expect(existsSync(join(directory, "backup.tmp"))).toBe(false);
  const { files } = await received(backups.stream(caller()));
  expect(files.has("log.db")).toBe(true);
});

test("should end when the caller is gone or the server stops, and leave nothing", async () => {
  const { backups, directory } = await open(2_000);
  const controller = new AbortController();
  const parts = backups.stream({ ...caller(), signal: controller.signal });
  await parts.next();
  controller.abort(new Error("gone"));
  await expect(parts.next()).rejects.toThrow("gone");
  const more = backups.stream(caller());
  await more.next();
  backups.end();
  await expect(more.next()).rejects.toMatchObject({ code: "unavailable" });
  expect(existsSync(join(directory, "backup.tmp"))).toBe(false);
});

test("should say that it cannot be made where the files cannot be copied, and remove leftovers", async () => {
  const { backups, log, directory } = await open(1);
  const leftover = join(directory, "backup.tmp");
  await mkdir(leftover);
  await writeFile(join(leftover, "log.db"), "half");
  await expect(backups.stream(caller()).next()).rejects.toMatchObject({ code: "unavailable" });
  await mkdir(leftover, { recursive: true });
  await writeFile(join(leftover, "log.db"), "half");
  await Backups.open({ log, directory });
  expect(existsSync(leftover)).toBe(false);
});
