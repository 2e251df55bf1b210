import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { observe } from "./support/bystander.ts";
import { callJson, connectSession } from "./support/raw-calls.ts";
import { startTarget } from "./support/target.ts";
import { Notes } from "../wire/support/contract.ts";
import { protocols, transportFor } from "../wire/support/server.ts";

/** More work than there is time for: calls that each take 20 ms, 200 at a time. */
async function load(port: number, ms: number): Promise<Record<string, number[]>> {
  const sessions = Array.from({ length: 4 }, () => connectSession(port));
  const times: Record<string, number[]> = { served: [], refused: [] };
  const end = performance.now() + ms;
  await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const session = sessions[n % sessions.length];
      while (session !== undefined && performance.now() < end) {
        const begun = performance.now();
        const { status, json } = await callJson(session, "Read", { text: "burn", number: 20 });
        const kind = status === 200 ? "served" : "refused";
        if (kind === "refused") expect(json).toMatchObject({ code: "unavailable" });
        times[kind]?.push(performance.now() - begun);
        if (kind === "refused") await sleep(200);
      }
    }),
  );
  return times;
}

const median = (times: number[] = []): string =>
  (times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(0);

describe("a server with more work than time", () => {
  test.each([500, 0])(
    "should tell those that it cannot serve, with a limit of %i ms",
    async (maxLagMs) => {
      const target = await startTarget(
        "message-server.ts",
        JSON.stringify({ options: { maxLagMs } }),
      );
      const times = await load(target.port, 3_000);

      const { served = [], refused = [] } = times;
      console.log(
        `overload, limit ${maxLagMs} ms | ${served.length} served in ${median(served)} ms, ${refused.length} refused in ${median(refused)} ms`,
      );
      expect(served.length).toBeGreaterThan(0);
      if (maxLagMs === 0) expect(refused).toEqual([]);
      else expect(refused.length).toBeGreaterThan(0);
      // When the load is gone, all are served.
      const session = connectSession(target.port);
      for (let n = 0; n < 20; n++) {
        expect((await callJson(session, "Read", { text: "burn", number: 20 })).status).toBe(200);
      }
    },
  );

  test("should refuse nothing while it is busy, but in time", async () => {
    const target = await startTarget(
      "message-server.ts",
      JSON.stringify({ options: { maxLagMs: 500 } }),
    );
    const sessions = Array.from({ length: 2 }, () => connectSession(target.port));
    const statuses = new Map<number | undefined, number>();
    const { failures, answered, p50, p99 } = await observe(target, "2", async () => {
      const end = performance.now() + 2_000;
      await Promise.all(
        Array.from({ length: 64 }, async (_, n) => {
          const session = sessions[n % sessions.length];
          while (session !== undefined && performance.now() < end) {
            const { status } = await callJson(session, "Say", { text: "hello" });
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
          }
        }),
      );
    });
    const calls = `${answered} calls in ${p50.toFixed(1)} ms, 99% ${p99.toFixed(1)} ms`;
    console.log(`full load | ${[...statuses].join(" ")} | ${calls}`);

    expect([...statuses.keys()]).toEqual([200]);
    expect(failures).toEqual([]);
  });
});

test("should tell clients of every protocol when to come again, and answer probes", async () => {
  const target = await startTarget(
    "message-server.ts",
    JSON.stringify({ options: { maxLagMs: 100 } }),
  );
  const url = `http://127.0.0.1:${target.port}`;
  const seen: Record<string, unknown> = {};
  const probes: unknown[] = [];
  let isOver = false;
  const session = connectSession(target.port);
  const loads = Array.from({ length: 100 }, async () => {
    while (!isOver) await callJson(session, "Read", { text: "burn", number: 20 });
  });
  const probing = (async () => {
    while (!isOver) {
      const response = await fetch(`${url}/grpc.health.v1.Health/Check`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      probes.push(await response.json());
    }
  })();
  try {
    for (const protocol of protocols) {
      const client = createClient(Notes, transportFor(protocol, url));
      const end = performance.now() + 30_000;
      while (seen[protocol] === undefined && performance.now() < end) {
        const calls = await Promise.allSettled(Array.from({ length: 20 }, () => client.say({})));
        const failed = calls.find((call) => call.status === "rejected");
        if (failed !== undefined) seen[protocol] = told(ConnectError.from(failed.reason));
      }
    }
  } finally {
    isOver = true;
    await Promise.all([...loads, probing]);
  }

  const refusal = [Code.Unavailable, "google.rpc.ErrorInfo", "google.rpc.RetryInfo"];
  expect(seen).toEqual(Object.fromEntries(protocols.map((protocol) => [protocol, refusal])));
  expect(probes.length).toBeGreaterThan(0);
  expect(new Set(probes.map((probe) => JSON.stringify(probe)))).toEqual(
    new Set(['{"status":"SERVING"}']),
  );
});

/** The code of an error, and the types of its details. */
function told({ code, details }: ConnectError): unknown[] {
  return [code, ...details.map((detail) => ("type" in detail ? detail.type : "")).toSorted()];
}
