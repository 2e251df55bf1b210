import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { marquee, type Ended } from "./marquee.ts";

const item = (id: string, title: string) => ({ id, title, categories: ["fiction"] });

/** A server that knows three books, and of two readers who like the first two. */
async function startLibrary() {
  const server = await startServer();
  await server.client.catalog.upsertItems({
    items: [item("1", "Emma"), item("2", "Persuasion"), item("3", "Ulysses")],
  });
  for (const viewerId of ["ann", "ben"]) {
    for (const videoName of ["1", "2"]) {
      const watchDuration = { seconds: 3_725n, nanos: 0 };
      await server.client.analytics.logView({ videoName, viewerId, watchDuration });
    }
  }
  return server;
}

/** The one JSON document on stdout; fails if there is anything else. */
function document(ended: Ended): Record<string, unknown> {
  expect(ended.stderr).toBe("");
  expect(ended.code).toBe(0);
  expect(ended.stdout.trimEnd().split("\n")).toHaveLength(1);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
}

describe("a command", () => {
  it("greets", async () => {
    const { url } = await startServer();
    expect(await marquee(url, "greet", "Ann")).toMatchObject({ code: 0, stdout: "Hello Ann\n" });
    expect(document(await marquee(url, "greet", "Ann", "--json"))).toEqual({
      greeting: "Hello Ann",
    });
  });

  it("takes the URL as an option too, before or after its name", async () => {
    const { url } = await startServer();
    const elsewhere = "http://127.0.0.1:1";
    expect((await marquee(elsewhere, "greet", "Ann", "--url", url)).code).toBe(0);
    expect((await marquee(elsewhere, "--url", url, "greet", "Ann")).code).toBe(0);
  });

  it("logs a view with all that is known of it, and counts it once", async () => {
    const { url, client } = await startServer();
    const view = ["log-view", "sintel", "--viewer", "ann", "--view-id", "v1", "--watch", "95.5"];
    const rest = ["--time", "2026-01-31T12:00:00Z", "--country", "nl", "--device", "tv"];
    const first = await marquee(url, ...view, ...rest, "--referrer", "https://example.org");
    expect(first.stdout).toMatch(/^Logged: view v1 at position \d+\.\n$/);
    const again = document(await marquee(url, ...view, "--json"));
    expect(again).toMatchObject({ success: true, viewId: "v1", duplicate: true });
    const { views, watchDuration } = await client.analytics.getViewStats({
      videoName: "sintel",
      minPosition: BigInt(String(again["position"])),
      interval: {
        startTime: { seconds: 1_769_860_800n, nanos: 0 },
        endTime: { seconds: 1_769_860_801n, nanos: 0 },
      },
    });
    expect(views).toBe(1n);
    expect(watchDuration).toMatchObject({ seconds: 95n, nanos: 500_000_000 });
  });

  it("tells what was viewed", async () => {
    const { url, client } = await startLibrary();
    const { position } = await client.analytics.logView({ videoName: "1" });
    await client.analytics.getViewStats({ videoName: "1", minPosition: position });
    const top = await marquee(url, "top");
    expect(top.stdout.split("\n").map((line) => line.split(/ +/))).toEqual([
      ["#", "VIDEO", "VIEWS", "VIEWERS", "WATCHED"],
      ["1", "1", "3", "2", "2:04:10"],
      ["2", "2", "2", "2", "2:04:10"],
      [""],
    ]);
    const one = document(await marquee(url, "top", "--max", "1", "--since", "1h", "--json"));
    expect(one["videos"]).toMatchObject([{ videoName: "1", views: "3", uniqueViewers: "2" }]);
    expect(document(await marquee(url, "top", "--until", "2020-01-01", "--json"))).toMatchObject({
      videos: [],
    });
    const stats = await marquee(url, "stats", "1");
    expect(stats.stdout).toMatch(/^views +3\nunique viewers +2\nwatched +2:04:10 \(h:mm:ss\)\n$/);
    expect(document(await marquee(url, "stats", "nothing", "--json"))).toMatchObject({
      views: "0",
      uniqueViewers: "0",
    });
  });

  it("recommends, and tells what trends", async () => {
    const { url } = await startLibrary();
    const ids = async (...args: string[]): Promise<string[]> => {
      const answer = document(await marquee(url, "recommend", ...args, "--json"));
      return (answer["recommendations"] as { id: string }[]).map(({ id }) => id).toSorted();
    };
    expect(await ids("zoe")).toEqual(["1", "2", "3"]);
    expect(await ids("zoe", "--exclude", "1", "3")).toEqual(["2"]);
    expect(await ids("ann")).toEqual(["3"]);
    expect(await ids("ann", "--include-seen")).toEqual(["1", "2", "3"]);
    expect(await ids("--session", "1", "2")).toEqual(["3"]);
    expect(await ids("zoe", "--context", "2")).toEqual(["1", "3"]);
    const [boosted] = document(
      await marquee(url, "recommend", "--boost", "item:3=0.5", "item:2=10", "--json"),
    )["recommendations"] as { id: string }[];
    expect(boosted?.id).toBe("2");
    const shares = ["--diversity", "0.5", "--exploration", "1", "--seed", "s", "--explain"];
    expect(await ids("zoe", ...shares)).toEqual(["1", "2", "3"]);
    const wrong = await marquee(url, "recommend", "--boost", "item:3=11");
    expect(wrong.stderr).toBe("marquee: --boost: From 0.1 to 10, not 11.\n");
    const one = await marquee(url, "recommend", "zoe", "--max", "1", "--category", "fiction");
    expect(one.stdout).toMatch(/^# {2}ID {2}TITLE +SCORE {2}WHY\n1 {2}\d +\w+ +[\d.]+ {2}.+\n$/);
    const trending = document(await marquee(url, "trending", "--max", "1", "--json"));
    expect(trending["items"]).toHaveLength(1);
    expect((await marquee(url, "similar", "1")).code).toBe(0);
  });

  it("trains, and tells what the model is", async () => {
    const { url } = await startLibrary();
    const none = await marquee(url, "model");
    expect(none).toMatchObject({ code: 1, stdout: "" });
    expect(none.stderr).toMatch(/^marquee: .+\n$/);
    const trained = await marquee(url, "train", "--json");
    expect(trained.code).toBe(0);
    expect(JSON.parse(trained.stdout)).toMatchObject({
      stage: "STAGE_DONE",
      model: { users: "2" },
    });
    expect(document(await marquee(url, "model", "--json"))).toMatchObject({
      model: { users: "2", interactions: "4" },
    });
    expect((await marquee(url, "model")).stdout).toMatch(/^trained +20.+\nitems +\d+\nusers +2\n/);
  });
});
