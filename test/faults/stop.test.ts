import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createMarqueeClient } from "../../src/client/index.ts";
import { EntryType } from "../../src/log/log.ts";
import { openLogReader } from "../../src/log/reader.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer, type ServerProcess } from "../support/process.ts";

const METHOD = "/analytics.v1.AnalyticsService/LogView";

/** Posts JSON over a connection that is kept; the status, or the error of the connection. */
function post(url: string, agent: Agent, body: unknown): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = { "content-type": "application/json" };
    const call = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    call.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    call.end(JSON.stringify(body));
  });
}

describe("a server that is told to stop", () => {
  it("should answer all it accepted, keep what it acknowledged, and end with 0", async () => {
    const directory = await temporaryDirectory();
    const server = await spawnServer({ MARQUEE_DATA_DIR: directory });
    const acknowledged = new Set<string>();
    const failures: unknown[] = [];

    const grpc = createMarqueeClient({ url: server.url, protocol: "grpc", retry: false });
    const overGrpc = Array.from({ length: 16 }, async (_, writer) => {
      for (let count = 0; ; count++) {
        const viewId = `grpc-${writer}-${count}`;
        try {
          await grpc.analytics.logView({ videoName: "video", viewId });
          acknowledged.add(viewId);
        } catch (error) {
          failures.push(error);
          return;
        }
      }
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const statuses: (number | string)[] = [];
    const overHttp1 = Array.from({ length: 16 }, async (_, writer) => {
      for (let count = 0; ; count++) {
        const viewId = `http1-${writer}-${count}`;
        const status = await post(`${server.url}${METHOD}`, agent, { videoName: "video", viewId });
        if (status === 200) acknowledged.add(viewId);
        else return statuses.push(status);
      }
    });
    await expect.poll(() => acknowledged.size).toBeGreaterThan(500);
    expect(await server.stop("SIGTERM")).toBe(0);
    await Promise.all([...overGrpc, ...overHttp1]);
    agent.destroy();
    grpc.close();

    // Over HTTP/1.1 the end is a port that is closed, and nothing else.
    expect(new Set(statuses)).toEqual(new Set(["ECONNREFUSED"]));
    // What the server took, it answered; and what it answered arrived.
    const calls = server.lines.filter(({ msg }) => msg === "call");
    expect(calls.filter(({ code }) => code !== "ok")).toEqual([]);
    expect(calls.length).toBe(acknowledged.size);
    expect(server.lines.at(-1)).toMatchObject({ msg: "stopped", cut: 0 });
    expect(await viewIds(directory)).toEqual(acknowledged);
  });

  it("should end at once at a second signal", async () => {
    const server = await spawnServer({
      MARQUEE_DATA_DIR: await temporaryDirectory(),
      MARQUEE_DRAIN_MS: "600000",
    });
    // A request that never ends keeps it from stopping.
    const stuck = request(`${server.url}${METHOD}`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": "1000" },
    });
    stuck.on("error", () => {});
    stuck.write("{");
    await sleep(200);
    process.kill(server.child.pid as number, "SIGTERM");
    await expect.poll(() => server.lines.some(({ msg }) => msg === "stopping")).toBe(true);
    await expect.poll(async () => isReady(server)).toBe(false);
    // Two signals at the same moment would be one.
    await sleep(200);
    expect(await server.stop("SIGTERM")).toBe("SIGKILL");
  });
});

async function isReady({ url }: ServerProcess): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function viewIds(directory: string): Promise<Set<string>> {
  const reader = openLogReader({ file: join(directory, "log.db") });
  const entries = await reader.read(0, 1_000_000);
  await reader.close();
  return new Set(entries.filter(({ type }) => type === EntryType.VIEW).map(({ viewId }) => viewId));
}
