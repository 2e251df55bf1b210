import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { marquee } from "./marquee.ts";

/** A server with views in two countries. */
async function startCinema() {
  const server = await startServer();
  const log = async (country: string, time: string, viewerId: string) =>
    server.client.analytics.logView({
      videoName: "sintel",
      viewerId,
      country,
      startTime: timestampFromDate(new Date(time)),
      watchDuration: { seconds: 60n },
      progress: 0.5,
      properties: { plan: country === "NL" ? "free" : "paid" },
    });
  await log("NL", "2024-10-27T00:30Z", "ann");
  await log("NL", "2024-10-27T01:30Z", "ben");
  const { position } = await log("DE", "2024-10-28T10:00Z", "ann");
  await server.client.analytics.getViewStats({ videoName: "sintel", minPosition: position });
  return server;
}

const cells = (text: string): string[][] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

describe("marquee query", () => {
  it("should count views by what is asked for", async () => {
    const { url } = await startCinema();
    const all = await marquee(url, "query");
    expect(all).toMatchObject({ code: 0, stderr: "", stdout: "VIEWS\n    3\n" });
    const countries = ["--by", "country", "property:plan"];
    const by = await marquee(url, "query", "views", "viewers", "watched", "progress", ...countries);
    expect(cells(by.stdout)).toEqual([
      ["COUNTRY", "PROPERTY:PLAN", "VIEWS", "VIEWERS", "WATCHED", "PROGRESS"],
      ["NL", "free", "2", "2", "0:02:00", "50.0 %"],
      ["DE", "paid", "1", "1", "0:01:00", "50.0 %"],
    ]);
  });

  it("should filter views, and say when there is none", async () => {
    const { url } = await startCinema();
    const count = async (...filters: string[]) =>
      (await marquee(url, "query", "--by", "video", "--filter", ...filters)).stdout;
    expect(await count("country=NL,BE")).toMatch(/\nsintel +2\n$/);
    expect(await count("country!=NL")).toMatch(/\nsintel +1\n$/);
    expect(await count("property:plan^=f", "video^=s")).toMatch(/\nsintel +2\n$/);
    expect(await count("video!^=s")).toBe("Nothing was viewed.\n");
  });

  it("should count in buckets of the time zone, and compare them with those before", async () => {
    const { url } = await startCinema();
    const zone = ["--time-zone", "Europe/Amsterdam", "--granularity"];
    const hours = await marquee(url, "query", ...zone, "hour", "--until", "2024-10-27T02:00Z");
    expect(cells(hours.stdout)).toEqual([
      ["TIME", "VIEWS"],
      ["2024-10-27 02:00 GMT+02:00", "1"],
      ["2024-10-27 02:00 GMT+01:00", "1"],
    ]);
    const interval = ["--since", "2024-10-27T23:00Z", "--until", "2024-10-28T23:00Z"];
    const days = await marquee(url, "query", ...zone, "day", ...interval, "--compare");
    expect(cells(days.stdout)).toEqual([
      ["TIME", "VIEWS", "BEFORE"],
      ["2024-10-28", "1", "2"],
    ]);
  });

  it("should write the answer as JSON", async () => {
    const { url } = await startCinema();
    const { stdout } = await marquee(url, "query", "viewers", "--by", "country", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      rows: [
        { values: ["NL"], metrics: { uniqueViewers: "2" } },
        { values: ["DE"], metrics: { uniqueViewers: "1" } },
      ],
      nextPageToken: "",
    });
  });

  it("should say what is wrong in the words of the command", async () => {
    const { url } = await startCinema();
    const wrong = async (...args: string[]) => (await marquee(url, "query", ...args)).stderr;
    expect(await wrong("clicks")).toMatch(/^marquee: .*views, viewers.*\n$/);
    expect(await wrong("--by", "planet")).toMatch(/^marquee: .*property:<name>.*\n$/);
    expect(await wrong("--filter", "country")).toMatch(/^marquee: .*country=NL.*\n$/);
    expect(await wrong("--granularity", "year")).toMatch(/^marquee: .*hour, day.*\n$/);
    expect(await wrong("--time-zone", "Mars")).toMatch(/^marquee: --time-zone: /);
    expect(await wrong("--compare")).toMatch(/^marquee: --since: /);
  });
});
