import { describe, expect, it } from "vitest";
import { caller } from "../support/callers.ts";
import { startLiveServer } from "../support/live-server.ts";
import { view } from "../support/views.ts";
import { marquee, nowhere, start, type Running } from "./marquee.ts";

const now = (video: string, viewer: string, watchMs = 0) =>
  view({ video, viewer, watchMs, time: Date.now() });

/** The lines that a command wrote to stdout, as it writes them. */
function linesOf({ child }: Running): string[] {
  const lines: string[] = [];
  let rest = "";
  child.stdout.on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  return lines;
}

describe("marquee watch", () => {
  it("should write a line for each change until Ctrl-C", async () => {
    const { log, url } = await startLiveServer();
    await log.appendViews(caller(), [now("sintel", "ann", 3_725_000), now("sintel", "ann")]);
    const running = start(url, ["watch", "sintel", "emma"]);
    const lines = linesOf(running);
    await expect
      .poll(() => lines)
      .toEqual([
        "sintel: views 2, viewers 1, now 1, watched 1:02:05",
        "emma: views 0, viewers 0, now 0, watched 0:00:00",
      ]);
    await log.appendView(caller(), now("emma", "ann"));
    await expect
      .poll(() => lines.slice(2))
      .toEqual(["emma: views 1, viewers 1, now 1, watched 0:00:00"]);
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("should write messages as lines of JSON, of all videos together", async () => {
    const { log, url } = await startLiveServer({ heartbeatMs: 50 });
    const running = start(url, ["watch", "--json"]);
    const lines = linesOf(running);
    const told = (): unknown[] => lines.map((line) => JSON.parse(line) as unknown);
    const counts = { videoName: "", uniqueViewers: "0", watchDuration: "0s", currentViewers: "0" };
    await expect
      .poll(told)
      .toEqual([{ snapshot: true, position: "0", counts: [{ ...counts, views: "0" }] }]);
    await log.appendView(caller(), now("sintel", ""));
    await expect
      .poll(() => told().slice(1))
      .toEqual([{ snapshot: false, position: "1", counts: [{ ...counts, views: "1" }] }]);
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("should go on when the server is back, and repeat nothing", async () => {
    const { log, url, server, startAgain } = await startLiveServer();
    await log.appendViews(caller(), [now("sintel", "ann"), now("emma", "ann")]);
    const running = start(url, ["watch", "sintel", "emma"]);
    const lines = linesOf(running);
    await expect.poll(() => lines).toHaveLength(2);
    await server.drain(0);
    await log.appendView(caller(), now("emma", "ben"));
    await startAgain();
    await expect
      .poll(() => lines.slice(2))
      .toEqual(["emma: views 2, viewers 2, now 2, watched 0:00:00"]);
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr.split("\n")).toEqual([
      `marquee: ${url} is gone; connecting again until it is back`,
      `marquee: connected to ${url} again`,
      "",
    ]);
  });

  it("should say what is wrong in one line, when it cannot begin", async () => {
    const { url } = await startLiveServer();
    expect(await marquee(url, "watch", "a", "a")).toMatchObject({
      code: 1,
      stderr: 'marquee: <videos>: "a" stands twice.\n',
    });
    const { code, stderr } = await marquee(nowhere, "watch");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^marquee: nothing answers at [^\n]+\n$/);
  });
});
