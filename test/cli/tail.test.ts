import { describe, expect, it } from "vitest";
import { caller } from "../support/callers.ts";
import { startLiveServer } from "../support/live-server.ts";
import { rating, view } from "../support/views.ts";
import { marquee, start } from "./marquee.ts";

interface Line {
  readonly position: string;
  readonly kind: string;
}

const parsed = (text: string): Line[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

describe("marquee tail", () => {
  it("should write what is in the log, and end with --no-follow", async () => {
    const { log, url } = await startLiveServer();
    const empty = await marquee(url, "tail", "--no-follow");
    expect(empty).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const one = view({ viewId: "one", video: "sintel", viewer: "ann", watchMs: 1_500 });
    await log.appendViews(caller(), [one, view({ video: "emma" })]);
    await log.appendFeedback(caller(), [rating()]);
    const all = await marquee(url, "tail", "--no-follow");
    expect(all).toMatchObject({ code: 0, stderr: "" });
    const [first, ...rest] = parsed(all.stdout);
    expect(first).toEqual({
      position: "1",
      kind: "LOG_ENTRY_KIND_VIEW",
      time: "2026-01-02T03:04:05Z",
      videoName: "sintel",
      viewerId: "ann",
      viewerNumber: "1",
      viewId: "one",
      watchDuration: "1.500s",
    });
    expect(rest).toMatchObject([
      { position: "2", videoName: "emma" },
      { position: "3", kind: "LOG_ENTRY_KIND_FEEDBACK", feedbackValue: 5 },
    ]);
    const last = await marquee(url, "tail", "--no-follow", "--after", "2");
    expect(parsed(last.stdout)).toMatchObject([{ position: "3" }]);
  });

  it("should go on until Ctrl-C, also when the server is restarted", async () => {
    const { log, url, server, startAgain } = await startLiveServer();
    await log.appendView(caller(), view());
    const { child, ended } = start(url, ["tail"]);
    let stdout = "";
    child.stdout.on("data", (text: string) => (stdout += text));
    const positions = (): number[] => parsed(stdout).map(({ position }) => Number(position));
    await expect.poll(positions).toEqual([1]);
    await log.appendView(caller(), view());
    await expect.poll(positions).toEqual([1, 2]);
    await server.drain(0);
    await log.appendView(caller(), view());
    await startAgain();
    await expect.poll(positions).toEqual([1, 2, 3]);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^marquee: \S+ is gone[^\n]+\nmarquee: connected [^\n]+\n$/),
    });
  });

  it("should say what is wrong in one line", async () => {
    const { url } = await startLiveServer();
    expect(await marquee(url, "tail", "--after", "7")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "marquee: --after: Must not be beyond the end of the log, which is at 0.\n",
    });
    expect(await marquee(url, "tail", "--after", "-1")).toMatchObject({
      code: 1,
      stderr:
        "marquee: option '--after <position>' argument '-1' is invalid. It must be a whole number from 0; `marquee tail --help` tells more\n",
    });
  });
});
