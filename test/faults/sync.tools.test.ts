import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createMarqueeClient } from "../../src/client/client.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";

const CALLS = 20;

/** The id comes back in the answer, which is how one knows it in the trace. */
const viewIdOf = (call: number): string => `traced-view-${String(call).padStart(4, "0")}`;

describe("an acknowledged view", () => {
  it("should be synced to the disk before the answer is written to the socket", async () => {
    const directory = await temporaryDirectory();
    const trace = join(directory, "trace");
    const server = await spawnServer({ MARQUEE_DATA_DIR: join(directory, "data") }, [
      "strace",
      // All threads, the files behind descriptors, and enough of what is written to see the answer.
      ...["-f", "-yy", "-s", "256", "-o", trace],
      ...["-e", "trace=fsync,fdatasync,write,writev,sendmsg"],
    ]);
    const client = createMarqueeClient({
      url: server.url,
      protocol: "connect",
      httpVersion: "1.1",
      retry: false,
    });
    for (let count = 0; count < CALLS; count++) {
      await client.analytics.logView({ videoName: "video", viewId: viewIdOf(count) });
    }
    client.close();
    expect(await server.stop("SIGTERM")).toBe(0);

    const lines = (await readFile(trace, "utf8")).split("\n");
    // Whether SQLite was built to use fdatasync or fsync: both put the WAL on disk.
    const syncOfWal = /(?:fsync|fdatasync)\(\d+<[^>]*log\.db-wal>/;
    expect(lines.filter((line) => syncOfWal.test(line)).length).toBeGreaterThanOrEqual(CALLS);
    let from = 0;
    for (let count = 0; count < CALLS; count++) {
      const answer = lines.findIndex(
        (line, index) => index >= from && line.includes("TCP") && line.includes(viewIdOf(count)),
      );
      expect(answer, `the answer to call ${count}`).toBeGreaterThan(-1);
      // The sync, and its end, which may be a line of its own.
      const begun = lines.findIndex((line, index) => index >= from && syncOfWal.test(line));
      const thread = lines[begun]?.split(" ")[0] ?? "";
      const ended = lines.findIndex(
        (line, index) =>
          index >= begun && line.startsWith(`${thread} `) && /sync(?:\(| resumed).*= 0$/.test(line),
      );
      expect(begun, `the sync before answer ${count}`).toBeGreaterThan(-1);
      expect(ended, `the end of the sync before answer ${count}`).toBeGreaterThan(-1);
      expect(answer, `the answer ${count}`).toBeGreaterThan(ended);
      from = answer + 1;
    }
  });
});
