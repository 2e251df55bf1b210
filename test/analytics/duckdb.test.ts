import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it, onTestFinished } from "vitest";
import { DuckDBColumns, type DuckDBColumnsOptions } from "../../src/analytics/columns/duckdb.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { columnsContract } from "./columns-contract.ts";
import { entry } from "./support/entries.ts";

columnsContract("DuckDB", async () => {
  const file = await columnsFile();
  return { open: async () => columnsOf({ file }) };
});

const ALWAYS = { from: undefined, to: undefined };

async function columnsFile(): Promise<string> {
  return join(await temporaryDirectory(), "columns.duckdb");
}

function columnsOf(options: { file: string } & Partial<DuckDBColumnsOptions>): DuckDBColumns {
  const columns = new DuckDBColumns({ memoryMb: 256, ...options });
  onTestFinished(() => columns.close());
  return columns;
}

/** Does something to the file as another program would. */
async function change(file: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

describe("a file of columns", () => {
  it.each([
    ["of another version", "update projected set version = version + 1"],
    ["with a column less", "alter table view drop column properties"],
    ["with a column of another type", "alter table view alter progress type integer"],
    ["without what says how far it is", "drop table projected"],
    ["from before there were versions", "alter table projected drop column version"],
  ])("should be made anew if it is one %s", async (_, sql) => {
    const file = await columnsFile();
    const columns = columnsOf({ file });
    await columns.open("log");
    await columns.apply([entry(1)]);
    await columns.close();
    await change(file, sql);
    expect(await columns.open("log")).toBe(0);
    expect(await columns.topVideos(0, ALWAYS, 10, undefined)).toEqual([]);
    await columns.apply([entry(1, { progress: 10, properties: "{}" })]);
    expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 1, progressViews: 1 });
    expect(existsSync(`${file}.damaged`)).toBe(false);
  });

  it("should be set aside and made anew if it is no such file", async () => {
    const file = await columnsFile();
    const columns = columnsOf({ file });
    await writeFile(file, "This is not a database. ".repeat(1_000));
    expect(await columns.open("log")).toBe(0);
    await columns.apply([entry(1)]);
    expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 1 });
    expect(await readFile(`${file}.damaged`, "utf8")).toContain("This is not a database.");
  });

  it("should be set aside and made anew if a question finds damage in it", async () => {
    const file = await columnsFile();
    const columns = columnsOf({ file });
    await columns.open("log");
    await columns.apply(
      Array.from({ length: 200_000 }, (_, index) =>
        entry(index + 1, { video: 1 + ((index * 7919) % 5_000), watchMs: (index * 31) % 7_777 }),
      ),
    );
    await columns.close();
    const bytes = await readFile(file);
    // All but the headers, and the table of contents behind them.
    bytes.fill(0xff, 4_096 * 3 + 262_144, bytes.length - 262_144);
    await writeFile(file, bytes);
    // Either the open finds it, and makes the file anew, or a question does.
    const found = await columns
      .open("log")
      .then(() => columns.viewTotals(0, undefined, ALWAYS))
      .then(
        () => true,
        (error: unknown) => columns.noteFailure(error),
      );
    expect(found).toBe(true);
    expect(await columns.open("log")).toBe(0);
    expect(existsSync(`${file}.damaged`)).toBe(true);
    expect(await columns.topVideos(0, ALWAYS, 10, undefined)).toEqual([]);
  });
});

describe("a question", () => {
  it("should not be damage, nor end the others, when it is interrupted", async () => {
    const columns = columnsOf({ file: await columnsFile() });
    await columns.open("log");
    await columns.apply([entry(1)]);
    const cancel = new AbortController();
    const slow = columns
      .answer(
        "query",
        ["select sum(a.range * b.range) from range(10000000) a, range(10000000) b", []],
        cancel.signal,
      )
      .catch((error: unknown) => error);
    // Answered beside it.
    expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 1 });
    cancel.abort();
    expect(columns.noteFailure(await slow)).toBe(false);
    await columns.apply([entry(2)]);
    expect(await columns.viewTotals(0, 1, ALWAYS)).toMatchObject({ views: 2 });
  });

  it("should be asked of the next file when the one it is asked of goes away", async () => {
    const columns = columnsOf({ file: await columnsFile() });
    await columns.open("log");
    await columns.apply([entry(1)]);
    // Slow where there is something, which there is not in the next one.
    const slow = columns.query(
      "select count(*) as n from view, range(10000000) a, range(10000000) b where a.range * b.range = 7",
      [],
    );
    await columns.reset();
    expect(await slow).toEqual([{ n: 0 }]);
  }, 30_000);

  it("should not change anything", async () => {
    const columns = columnsOf({ file: await columnsFile() });
    await columns.open("log");
    await expect(columns.query("delete from view", [])).rejects.toThrow(/read.only/i);
  });

  it("should tell the position of the moment that it is about, while others come", async () => {
    const columns = columnsOf({ file: await columnsFile() });
    await columns.open("log");
    const writing = (async () => {
      for (let position = 1; position <= 100; position++) await columns.apply([entry(position)]);
    })();
    let seen = 0;
    while (seen < 100) {
      const { position, value } = await columns.answer("viewTotals", [0, 1, ALWAYS]);
      expect(value.views).toBe(position);
      seen = position;
    }
    await writing;
  });
});
