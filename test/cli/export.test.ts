import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it, onTestFinished } from "vitest";
import type { MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startServer } from "../support/server.ts";
import { SOME_TIME } from "../support/views.ts";
import { marquee, nowhere, start, type Ended } from "./marquee.ts";

/** Views of which something has to be quoted, or is not known. */
async function logSome({ analytics }: MarqueeClient): Promise<void> {
  await analytics.logView({
    videoName: 'a "film", of\ntwo lines',
    viewId: "v1",
    viewerId: "ann\n",
    startTime: timestampFromMs(SOME_TIME + 7),
    watchDuration: durationFromMs(95_500),
    country: "NL",
    device: "tv, large",
    referrer: 'https://example.org/?q="x"',
    progress: 0.123,
    properties: { plan: "free", 'q"': "ü, \r\nx" },
  });
  await analytics.logView({
    videoName: "clip",
    viewId: "v2",
    viewerId: "ben",
    startTime: timestampFromMs(SOME_TIME + 86_400_000),
  });
  await analytics.logView({
    videoName: "clip",
    viewId: "v3",
    startTime: timestampFromMs(SOME_TIME + 2 * 86_400_000),
  });
}

async function logMany({ analytics }: MarqueeClient, count: number): Promise<void> {
  async function* messages(): AsyncGenerator<{ views: object[] }> {
    for (let done = 0; done < count; done += 1_000) {
      const views = Array.from({ length: 1_000 }, (_, index) => ({
        videoName: `video ${index % 7}\n`,
        viewerId: `viewer ${index}`,
        viewId: `${done + index}`,
        properties: { text: 'a\n"b"' },
      }));
      yield { views };
    }
  }
  expect(await analytics.logViews(messages())).toMatchObject({ logged: BigInt(count) });
}

function rowsOf(file: string, columns: string): Promise<Record<string, unknown>[]> {
  return queried(`select ${columns} from '${file}'`);
}

async function queried(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(":memory:");
  onTestFinished(() => instance.closeSync());
  const connection = await instance.connect();
  await connection.run("set timezone = 'UTC'");
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

function succeeded(ended: Ended): Ended {
  expect(ended).toMatchObject({ code: 0 });
  return ended;
}

describe("export", () => {
  it("should write CSV to stdout, with what it says beside it on stderr", async () => {
    const { url, client } = await startServer();
    await logSome(client);
    const { stdout, stderr } = succeeded(
      await marquee(url, "export", "--since", "2026-01-02T03:04:06Z"),
    );
    expect(stdout).toBe(
      [
        "view_id,video_name,viewer_id,start_time,watch_seconds,progress,country,device,referrer,properties,bot",
        "v2,clip,ben,2026-01-03T03:04:05.000Z,0,,,,,,false",
        "v3,clip,,2026-01-04T03:04:05.000Z,0,,,,,,false",
        "",
      ].join("\n"),
    );
    expect(stderr).toBe("2 views\n");
    const until = await marquee(
      url,
      "export",
      "--until",
      "2026-01-02T03:04:06Z",
      "--viewer",
      "ben",
    );
    expect(until.stderr).toBe("0 views\n");
  });

  it("should write a JSON object for each view, as the API has it", async () => {
    const { url, client } = await startServer();
    await logSome(client);
    const file = join(await temporaryDirectory(), "views.jsonl");
    const ended = succeeded(await marquee(url, "export", file, "--json"));
    expect(JSON.parse(ended.stdout)).toEqual({ file, format: "jsonl", views: 3 });
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { viewId: "v1", watchDuration: "95.500s", progress: 0.123, properties: { plan: "free" } },
      { viewId: "v2", videoName: "clip", startTime: "2026-01-03T03:04:05Z", bot: false },
      { viewId: "v3", viewerId: "" },
    ]);
  });

  it("should write Parquet with the types of what is in it", async () => {
    const { url, client } = await startServer();
    await logSome(client);
    const file = join(await temporaryDirectory(), "views.parquet");
    succeeded(await marquee(url, "export", file));
    const types = Object.fromEntries(
      (await queried(`describe from '${file}'`)).map((row) => [
        row["column_name"],
        row["column_type"],
      ]),
    );
    expect(types).toEqual({
      view_id: "VARCHAR",
      video_name: "VARCHAR",
      viewer_id: "VARCHAR",
      start_time: "TIMESTAMP WITH TIME ZONE",
      watch_ms: "BIGINT",
      progress: "DOUBLE",
      country: "VARCHAR",
      device: "VARCHAR",
      referrer: "VARCHAR",
      properties: "MAP(VARCHAR, VARCHAR)",
      bot: "BOOLEAN",
      position: "BIGINT",
    });
    const rows = await rowsOf(
      file,
      "* replace (epoch_ms(start_time) as start_time, properties['plan'] as properties)",
    );
    expect(rows).toMatchObject([
      {
        view_id: "v1",
        video_name: 'a "film", of\ntwo lines',
        viewer_id: "ann\n",
        start_time: String(SOME_TIME + 7),
        watch_ms: "95500",
        progress: 0.123,
        device: "tv, large",
        referrer: 'https://example.org/?q="x"',
        properties: "free",
        bot: false,
      },
      { view_id: "v2", viewer_id: "ben", watch_ms: "0", progress: null, country: null },
      { view_id: "v3", viewer_id: null, properties: null },
    ]);
  });

  it("should write as many views as there are, in any form, and leave nothing beside them", async () => {
    const { url, client } = await startServer();
    await logMany(client, 20_000);
    const directory = await temporaryDirectory();
    const files = ["views.csv", "views.jsonl", "views.parquet"];
    for (const file of files) succeeded(await marquee(url, "export", join(directory, file)));
    expect((await readdir(directory)).toSorted()).toEqual(files);
    for (const file of files) {
      const counts = file.endsWith("jsonl")
        ? 'count(distinct "viewId")'
        : "count(distinct view_id)";
      expect(await rowsOf(join(directory, file), `${counts} as n`)).toEqual([{ n: "20000" }]);
    }
  });

  it("should leave a file alone that is there, unless it is to be replaced", async () => {
    const { url } = await startServer();
    const file = join(await temporaryDirectory(), "views.csv");
    await writeFile(file, "mine");
    expect(await marquee(url, "export", file)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: `marquee: ${file} is there already: --force replaces it\n`,
    });
    expect(await readFile(file, "utf8")).toBe("mine");
    succeeded(await marquee(url, "export", file, "--force"));
    expect(await readFile(file, "utf8")).toMatch(/^view_id,/);
  });

  it("should leave no file when it is interrupted, or fails", async () => {
    const { url, client } = await startServer();
    await logMany(client, 30_000);
    const directory = await temporaryDirectory();
    for (const name of ["views.csv", "views.parquet"]) {
      const { child, ended } = start(url, ["export", join(directory, name)]);
      // Until it has begun.
      await expect
        .poll(async () => (await readdir(directory)).length, { interval: 5 })
        .toBeGreaterThan(0);
      child.kill("SIGINT");
      const { code, stderr } = await ended;
      expect(code).toBe(130);
      expect(stderr).toMatch(/marquee: interrupted: nothing was kept\n$/);
      expect(await readdir(directory)).toEqual([]);
    }
    const failed = await marquee(nowhere, "export", join(directory, "views.csv"));
    expect(failed.stderr).toMatch(/^marquee: nothing answers at [^\n]+\n$/);
    expect(await readdir(directory)).toEqual([]);
  });

  it("should say what is wrong with the command", async () => {
    const { url } = await startServer();
    for (const [args, said] of [
      [["views.xls"], /called neither \.csv, \.jsonl, \.parquet: name the format with --format/],
      [["--format", "parquet"], /parquet needs a file/],
      [["--format", "xls"], /csv, jsonl, parquet/],
      [["--since", "2026-02-01", "--until", "2026-01-01"], /--until: Must not be before --since/],
    ] as const) {
      const { code, stderr } = await marquee(url, "export", ...args);
      expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 1, lines: 1 });
      expect(stderr).toMatch(said);
    }
  });

  it("should write what can be imported again, and counts the same", async () => {
    const [here, there] = [await startServer(), await startServer()];
    await logSome(here.client);
    const file = join(await temporaryDirectory(), "views.csv");
    succeeded(await marquee(here.url, "export", file));
    succeeded(await marquee(there.url, "import", "views", file));
    const again = join(await temporaryDirectory(), "views.csv");
    succeeded(await marquee(there.url, "export", again));
    const lines = async (path: string): Promise<string[]> =>
      (await readFile(path, "utf8")).split(/\n(?=v\d,)/).toSorted();
    // The import cuts spaces off, of which a line end is one.
    const sent = (await lines(file)).map((line) => line.replace('"ann\n"', "ann"));
    expect((await lines(again)).map((line) => line.trimEnd())).toEqual(
      sent.map((line) => line.trimEnd()),
    );
  });
});
