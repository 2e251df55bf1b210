import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { fileOf, marquee, type Ended } from "./marquee.ts";

function totals({ stdout }: Ended): Record<string, number> {
  return JSON.parse(stdout) as Record<string, number>;
}

describe("import feedback", () => {
  it("imports ratings from a compressed file, and changes nothing the second time", async () => {
    const { url } = await startServer();
    const rows = Array.from({ length: 5_000 }, (_, i) => `u${i % 400},b${i},${(i % 5) + 1}`);
    const file = await fileOf("ratings", gzipSync(`user_id,book_id,rating\n${rows.join("\n")}\n`));
    const first = await marquee(url, "import", "feedback", file, "--json");
    expect(first.code).toBe(0);
    // Where it takes long, it says how far it is.
    expect(first.stderr).toMatch(/^(?:ratings: \d+ %.*\n)*$/);
    expect(totals(first)).toMatchObject({ read: 5_000, recorded: 5_000, unchanged: 0 });
    const second = await marquee(url, "import", "feedback", file, "--json");
    expect(totals(second)).toMatchObject({ read: 5_000, recorded: 0, unchanged: 5_000 });
  });

  it("lets the last row of a user, item and kind stand, though batches overlap", async () => {
    const { url } = await startServer();
    // One pair, rated again in every batch, between rows that fill the batches.
    const rows = Array.from({ length: 8_000 }, (_, i) =>
      i % 500 === 0 ? `ann,emma,${(i / 500) % 2 === 0 ? 5 : 1}` : `u${i},b${i},3`,
    );
    rows.push("ann,emma,4");
    const file = await fileOf("again.csv", `user,item,rating\n${rows.join("\n")}\n`);
    expect((await marquee(url, "import", "feedback", file)).code).toBe(0);
    const last = await fileOf("last.csv", "user,item,rating\nann,emma,4\n");
    expect(totals(await marquee(url, "import", "feedback", last, "--json"))).toMatchObject({
      recorded: 0,
      unchanged: 1,
    });
  });

  it("rejects what the server or the command cannot take, by line, and imports the others", async () => {
    const { url } = await startServer();
    const rows = Array.from({ length: 2_500 }, (_, i) => `u${i},b${i},${i % 500 === 7 ? 9 : 4},`);
    rows[3] = "u3,b3,four,";
    rows[4] = "u4,b4,4,yesterday";
    rows[5] = ",b5,4,2026-01-31";
    rows[6] = "u6,b6,,";
    const file = await fileOf("bad.csv", `user,item,rating,time\n${rows.join("\n")}\n`);
    const ended = await marquee(url, "import", "feedback", file, "--json");
    expect(ended.code).toBe(2);
    expect(totals(ended)).toMatchObject({ read: 2_500, recorded: 2_491, rejected: 9 });
    const lines = ended.stderr.trimEnd().split("\n");
    expect(lines.slice(0, 5).map((line) => line.replace(/^bad\.csv, /, ""))).toEqual([
      'line 5: value: "four" is no number',
      'line 6: time: "yesterday" is neither ISO 8601 nor Unix time',
      expect.stringMatching(/^line 7: user_id: /),
      'line 8: value: "" is no number',
      expect.stringMatching(/^line 9: value: /),
    ]);
    expect(lines.slice(5, 9).map((line) => line.split(":")[0])).toEqual([
      "bad.csv, line 509",
      "bad.csv, line 1009",
      "bad.csv, line 1509",
      "bad.csv, line 2009",
    ]);
  });

  it("survives batches in which every row is refused", async () => {
    const { url } = await startServer();
    const rows = Array.from({ length: 1_500 }, (_, i) => `u${i},b${i},9`);
    const file = await fileOf("nines.csv", `user,item,rating\n${rows.join("\n")}\nu,b,5\n`);
    const ended = await marquee(url, "import", "feedback", file, "--json");
    expect(totals(ended)).toMatchObject({ read: 1_501, recorded: 1, rejected: 1_500 });
    const lines = ended.stderr.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^nines\.csv, line 2: /);
    expect(lines[19]).toMatch(/^nines\.csv, line 21: /);
    expect(lines.slice(20)).toEqual([
      "… and 1,480 more; --rejects FILE keeps them all",
      "marquee: 1,500 rows were rejected",
    ]);
  });

  it("has the kind from a column, or from an option for all rows", async () => {
    const { url, client } = await startServer();
    const kinds =
      "user,item,what,stars\nann,a,like,\nann,b,Rating,5\nann,c,purchase,\nann,d,love,\n";
    const file = await fileOf("kinds.csv", kinds);
    const flags = ["--kind-column", "what", "--value", "stars", "--json"];
    const ended = await marquee(url, "import", "feedback", file, ...flags);
    expect(totals(ended)).toMatchObject({ recorded: 3, rejected: 1 });
    expect(ended.stderr).toContain('line 5: kind: "love" is none of view, like, dislike');
    const dismissed = await fileOf("dismissed.tsv", "member\tfilm\nben\ta\n");
    const columns = ["--user", "member", "--item", "film", "--delimiter", "tab"];
    const all = ["--kind", "dismiss", ...columns];
    expect((await marquee(url, "import", "feedback", dismissed, ...all)).code).toBe(0);
    const { recommendations } = await client.recommendations.recommend({
      userId: "ben",
      includeSeen: true,
    });
    expect(recommendations.map(({ id }) => id)).not.toContain("a");
    expect(recommendations.map(({ id }) => id)).toContain("b");
  });

  it("needs to know what kind of feedback it is", async () => {
    const { url } = await startServer();
    const file = await fileOf("plain.csv", "user,item\nann,a\n");
    const { code, stderr } = await marquee(url, "import", "feedback", file);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "marquee: plain.csv has no ratings: say with --kind what it has, or with --value where\n",
    );
  });
});
