import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { fileOf, marquee, type Ended } from "./marquee.ts";

function totals({ stdout }: Ended): Record<string, number> {
  return JSON.parse(stdout) as Record<string, number>;
}

const books = [
  "\uFEFFbook_id,title,authors,year,categories",
  '1,"Emma, or ""Miss Woodhouse""",Jane Austen,1815,Classics|Romance|classics',
  '2,"Two',
  'lines","Ann B, Cy D",,science fiction',
  "",
  "3,Ulysses,James Joyce,1922,",
  "",
].join("\r\n");

describe("import catalog", () => {
  it("imports quoted commas, quotes and line breaks, from a file with CR LF and a byte order mark", async () => {
    const { url, client } = await startServer();
    const file = await fileOf("books.csv", books);
    const ended = await marquee(url, "import", "catalog", file, "--property", "published=year");
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(
      /^3 rows read: 3 created, 0 updated, 0 unchanged, 0 superseded, 0 rejected; /,
    );
    const { items } = await client.catalog.listItems({});
    expect(items).toMatchObject([
      {
        id: "1",
        title: 'Emma, or "Miss Woodhouse"',
        creators: ["Jane Austen"],
        categories: ["classics", "romance"],
        properties: { published: "1815" },
      },
      { id: "2", title: "Two\r\nlines", creators: ["Ann B", "Cy D"], properties: {} },
      { id: "3", title: "Ulysses", categories: [] },
    ]);
  });

  it("changes nothing the second time, compressed or not", async () => {
    const { url } = await startServer();
    await marquee(url, "import", "catalog", await fileOf("books.csv", books));
    // Told by its content: the name says nothing.
    const file = await fileOf("books.csv", gzipSync(books));
    expect(totals(await marquee(url, "import", "catalog", file, "--json"))).toMatchObject({
      read: 3,
      created: 0,
      updated: 0,
      unchanged: 3,
      rejected: 0,
    });
  });

  it("rejects bad rows by line and column, keeps them in a file, and imports the others", async () => {
    const { url, client } = await startServer();
    const rows = Array.from({ length: 60 }, (_, i) => `${i},"title\r\n${i}",${i % 2 ? "" : "x"}`);
    rows[10] = "10,,x";
    rows[40] = `40,${"t".repeat(1_001)},x`;
    rows[50] = "50,too,many,values";
    const file = await fileOf("bad.csv", `id,title,extra\r\n${rows.join("\r\n")}\r\n`);
    const rejects = await fileOf("rejects.csv", "");
    const ended = await marquee(url, "import", "catalog", file, "--rejects", rejects);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toMatch(/^60 rows read: 57 created, .+ 3 rejected; /);
    // Each good row has two lines.
    const [first, second, third, last] = ended.stderr.trimEnd().split("\n");
    expect(first).toMatch(/^bad\.csv, line 22: title: /);
    expect(second).toMatch(/^bad\.csv, line 81: title: .*1,001|1001/);
    expect(third).toBe("bad.csv, line 100: has 4 values, and the header has 3 columns");
    expect(last).toBe("marquee: 3 rows were rejected");
    const kept = (await readFile(rejects, "utf8")).trimEnd().split("\n");
    expect(kept[0]).toBe("line,reason,id,title,extra");
    expect(
      kept
        .slice(1)
        .map((line) => line.split(",")[0])
        .toSorted(),
    ).toEqual(["100", "22", "81"]);
    expect((await client.catalog.listItems({ pageSize: 1_000 })).items).toHaveLength(57);
  });

  it("lets the later of two rows with the same id stand, so that it changes nothing the second time", async () => {
    const { url, client } = await startServer();
    const file = await fileOf("twice.csv", "id,title\n1,first\n2,other\n1,second\n");
    const run = async () => totals(await marquee(url, "import", "catalog", file, "--json"));
    expect(await run()).toMatchObject({ read: 3, created: 2, updated: 0, superseded: 1 });
    expect(await run()).toMatchObject({ created: 0, updated: 0, unchanged: 2, superseded: 1 });
    expect((await client.catalog.getItem({ id: "1" })).item?.title).toBe("second");
  });

  it("finds the rows that a server with little room for messages refuses", async () => {
    const { url } = await startServer({ MARQUEE_MAX_MESSAGE_BYTES: "2048" });
    const rows = Array.from(
      { length: 40 },
      (_, i) => `${i},title,${"d".repeat(i === 7 ? 3_000 : 100)}`,
    );
    const file = await fileOf("large.csv", `id,title,description\n${rows.join("\n")}\n`);
    const ended = await marquee(url, "import", "catalog", file, "--json");
    expect(totals(ended)).toMatchObject({ read: 40, created: 39, rejected: 1 });
    expect(ended.stderr).toMatch(/^large\.csv, line 9: /);
  });

  it.each([
    ["id,name,x\n1,a,b\n", ["--title", "titel"], 'has no column "titel": it has id, name, x'],
    ["code,name\n1,a\n", [], "has no column id, item_id, book_id: it has code, name; name it with"],
    ["id,title\n1,a\n", ["--property", "y=year"], 'has no column "year": it has id, title'],
    ["", [], "is empty: its first line must name the columns"],
  ])("of %j with %j fails at once, saying why", async (content, flags, message) => {
    const { url, client } = await startServer();
    const file = await fileOf("file.csv", content);
    const ended = await marquee(url, "import", "catalog", file, ...flags);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/^marquee: [^\n]+\n$/);
    expect(ended.stderr).toContain(message);
    expect((await client.catalog.listItems({})).items).toEqual([]);
  });

  it("of a file with a quote that is never closed says on which line, after the rows before it", async () => {
    const { url, client } = await startServer();
    const file = await fileOf("open.csv", 'id,title\n1,a\n2,"b\n3,c\n');
    const ended = await marquee(url, "import", "catalog", file);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toBe("marquee: line 3: a quote is opened and never closed\n");
    expect(ended.stdout).toMatch(/^1 row read: 1 created, /);
    expect((await client.catalog.listItems({})).items).toHaveLength(1);
  });

  it("of a file without rows has nothing to do", async () => {
    const { url } = await startServer();
    const file = await fileOf("none.csv", "id,title\n");
    const ended = await marquee(url, "import", "catalog", file, "--json");
    expect(ended.code).toBe(0);
    expect(totals(ended)).toMatchObject({ read: 0, created: 0, rejected: 0 });
  });

  it("of gzip data that is cut off says so, after what it had", async () => {
    const { url } = await startServer();
    const content = `id,title\n${Array.from({ length: 50_000 }, (_, i) => `${i},t${i * 7919}`).join("\n")}`;
    const gzip = gzipSync(content);
    const file = await fileOf("cut.csv.gz", gzip.subarray(0, gzip.length - 20_000));
    const ended = await marquee(url, "import", "catalog", file);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/marquee: cut\.csv\.gz: its gzip data is damaged: [^\n]+\n$/);
  });
});
