import { describe, expect, it } from "vitest";
import { startIngestRoom, storedViews } from "../analytics/ingest-room.ts";
import { marquee } from "./marquee.ts";

describe("log-view", () => {
  it("should log how far a view got, and what else there is to know", async () => {
    const { url, log } = await startIngestRoom();
    const options = ["--progress", "0.8", "--property", "plan=free", "--property", "ab=b=c"];
    expect(await marquee(url, "log-view", "sintel", ...options)).toMatchObject({ code: 0 });
    expect(await marquee(url, "log-view", "sintel")).toMatchObject({ code: 0 });
    expect(await storedViews(log)).toMatchObject([
      { video: "sintel", progress: 800, properties: '{"ab":"b=c","plan":"free"}' },
      { video: "sintel", progress: -1, properties: "" },
    ]);
  });

  it.each([
    [["--progress", "80%"], "It must be a number from 0 to 1"],
    [["--progress", "1.1"], "It must be a number from 0 to 1"],
    [["--property", "plan"], "It must be a name and a value"],
    [["--property", "=free"], "It must be a name and a value"],
  ])("should refuse %j before it calls anybody", async (options, message) => {
    const { code, stderr } = await marquee("http://127.0.0.1:1", "log-view", "v", ...options);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
