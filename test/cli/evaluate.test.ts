import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { genreViews } from "../recommendations/evaluation/histories.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startServer } from "../support/server.ts";
import { fileOf, marquee, nowhere, type Ended } from "./marquee.ts";

interface Document {
  readonly split: string;
  readonly splitTime?: string;
  readonly viewers: string;
  readonly interactions: string;
  readonly methods: readonly { name: string; metrics: readonly { name: string }[] }[];
}

/** It told nothing but how far it is, which it does where it takes long. */
function expectToEndWell({ code, stderr }: Ended): void {
  const rest = stderr.replaceAll(/^evaluation: \d+ %.*\n/gm, "");
  expect({ code, stderr: rest }).toEqual({ code: 0, stderr: "" });
}

function document(ended: Ended): Document {
  expectToEndWell(ended);
  const { stdout } = ended;
  return JSON.parse(stdout) as Document;
}

const views = genreViews(400);
const csv = [
  "user,item,time",
  ...views.map(({ viewer, video, time }) => `v${viewer},b${video},${time / 1_000}`),
].join("\n");

const figure = String.raw`-?\d+\.\d+ \[-?\d+\.\d+, -?\d+\.\d+\](?: ~)?`;

describe("evaluate FILE", () => {
  it("writes a table, and draws a chart, without a server", async () => {
    const file = await fileOf("views.csv", csv);
    const chart = join(await temporaryDirectory(), "chart.svg");
    const ended = await marquee(nowhere, "evaluate", file, "--chart", chart);
    expectToEndWell(ended);
    const { stdout } = ended;
    const [learned, ranked, found, , titles, ...figures] = stdout.split("\n");
    expect(learned).toMatch(/^learned from {2}[\d,]+ likes of \d+ items by 360 users$/);
    expect(ranked).toBe("ranked for    40 viewers whom nothing was learned from");
    expect(found).toMatch(/^to be found {3}\d+ likes$/);
    expect(titles?.trim().split(/ +/)).toEqual(["MODEL", "POPULARITY", "COSINE"]);
    const row = new RegExp(`^(\\S+@\\d+|popularity lift@20) +${figure} +${figure} +${figure}$`);
    expect(figures.filter((line) => row.test(line.trimEnd()))).toHaveLength(6);
    expect(figures.some((line) => /^coverage@20( +\d\.\d{4}){3}$/.test(line))).toBe(true);
    const svg = await readFile(chart, "utf8");
    expect(svg).toMatch(/^<svg [^>]*role="img"/);
    expect(svg.match(/<circle /g)).toHaveLength(7);
    // It needs nothing from elsewhere.
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|<script/);
  });

  it("takes the same as JSON lines, by time, compressed, and finds the same each time", async () => {
    const lines = views.map(({ viewer, video, time }) =>
      JSON.stringify({ reader: viewer, film: `b${video}`, kind: "view", at: time }),
    );
    const file = await fileOf("views.jsonl", gzipSync(`${lines.join("\r\n")}\n\n`));
    const flags = ["--user", "reader", "--item", "film", "--time", "at", "--json"];
    const found = document(await marquee(nowhere, "evaluate", file, "--split", "time", ...flags));
    expect(found).toMatchObject({
      split: "SPLIT_TIME",
      splitTime: new Date(86_400_000 * 20_008).toISOString().replace(".000", ""),
    });
    expect(Number(found.viewers)).toBeGreaterThan(300);
    expect(found.methods.map(({ name }) => name)).toEqual(["model", "popularity", "cosine"]);
    const table = await fileOf("views.csv", csv.replaceAll("\nv", "\n"));
    const flagsOfTable = ["--split", "time", "--kind", "view", "--json"];
    expect(document(await marquee(nowhere, "evaluate", table, ...flagsOfTable))).toEqual(found);
  });

  it("lists what is wrong with a file by line and field, and evaluates nothing", async () => {
    const rows = [
      "user,item,rating,time",
      "ann,emma,4,2026-01-31",
      ",emma,4,2026-01-31",
      "ann,,4,2026-01-31",
      "ann,emma,four,2026-01-31",
      "ann,emma,6,2026-01-31",
      "ann,emma,4,yesterday",
      "ann,emma,4",
    ];
    const file = await fileOf("bad.csv", rows.join("\n"));
    const { code, stdout, stderr } = await marquee(nowhere, "evaluate", file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toEqual([
      "bad.csv, line 3: user: is empty",
      "bad.csv, line 4: item: is empty",
      'bad.csv, line 5: rating: "four" is no number from 1 to 5',
      'bad.csv, line 6: rating: "6" is no number from 1 to 5',
      'bad.csv, line 7: time: "yesterday" is neither ISO 8601 nor Unix time',
      "bad.csv, line 8: has 3 values, and the header has 4 columns",
      "marquee: 6 rows are faulty",
    ]);
    const json = await fileOf(
      "bad.jsonl",
      '{"user":"ann","item":"emma","kind":"like"}\n{"user":\n[1]\n{"user":{},"item":"a","kind":"like"}\n{"user":"a","item":"b","kind":"love"}\n',
    );
    const ended = await marquee(nowhere, "evaluate", json);
    expect(ended.stderr.trimEnd().split("\n")).toEqual([
      "bad.jsonl, line 2: is no JSON object",
      "bad.jsonl, line 3: is no JSON object",
      "bad.jsonl, line 4: user: must be a text or a number",
      'bad.jsonl, line 5: kind: "love" is none of view, like, dislike, rating, purchase, dismiss',
      "marquee: 4 rows are faulty",
    ]);
  });

  it.each([
    [
      ["--split", "time"],
      /^marquee: few\.csv has no column time, timestamp: name it with --time\n$/,
    ],
    [[], /^marquee: .*few\.csv has 0 viewers to rank for, and 10 are needed: /],
    [["--at", "7d"], /^marquee: --at: only with --split time\n$/],
    [["--viewers", "5"], /^marquee: --viewers: from 10 on\n$/],
    [["--item", "film"], /^marquee: few\.csv has no column "film": it has user, item\n$/],
    [
      ["--kind", "rating"],
      /^marquee: few\.csv has no column rating, value: name it with --value\n$/,
    ],
    [["--chart", "/nowhere/chart.svg", "--viewers", "x"], /^marquee: .*--viewers/],
  ])("with %j says what is missing", async (flags, message) => {
    const file = await fileOf("few.csv", "user,item\nann,emma\nben,emma\n");
    const { code, stderr } = await marquee(nowhere, "evaluate", file, ...flags);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it("says that a file is not there, or damaged", async () => {
    const missing = await marquee(nowhere, "evaluate", "/nowhere/at-all.csv");
    expect(missing.stderr).toBe("marquee: there is no file /nowhere/at-all.csv\n");
    const whole = gzipSync(`{"user":"ann","item":"emma"}\n`.repeat(50_000));
    const damaged = await fileOf("damaged.jsonl.gz", whole.subarray(0, whole.length / 2));
    const ended = await marquee(nowhere, "evaluate", damaged);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/damaged\.jsonl\.gz: /);
  });
});

describe("evaluate", () => {
  it("evaluates on the log of the server", async () => {
    const { url, client } = await startServer();
    const feedback = views.map(({ viewer, video, time }) => ({
      userId: `v${viewer}`,
      itemId: `b${video}`,
      kind: FeedbackKind.VIEW,
      feedbackTime: timestampFromMs(time),
    }));
    for (let at = 0; at < feedback.length; at += 1_000) {
      await client.recommendations.recordFeedback({ feedback: feedback.slice(at, at + 1_000) });
    }
    const found = JSON.parse((await marquee(url, "evaluate", "--json")).stdout) as Document;
    expect(found).toMatchObject({ split: "SPLIT_VIEWER", viewers: "40" });
    const { stdout } = await marquee(url, "evaluate", "--split", "time", "--viewers", "50");
    expect(stdout).toMatch(
      /ranked for {4}50 viewers, of what came from 2024-10-12T00:00:00\.000Z on/,
    );
    expect(stdout).toMatch(/\nNDCG@100 +\d/);
  });

  it("says what is missing", async () => {
    const { url } = await startServer();
    const few = await marquee(url, "evaluate");
    expect(few).toMatchObject({ code: 1, stdout: "" });
    expect(few.stderr).toMatch(/^marquee: there are fewer than 10 viewers to rank for: .+\n$/);
    const flag = await marquee(url, "evaluate", "--kind-column", "what");
    expect(flag.stderr).toBe("marquee: --kind-column: only with a file\n");
  });
});
