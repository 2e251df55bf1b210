import { Code, ConnectError, createClient } from "@connectrpc/connect";
import type { ClientHttp2Session } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { observe } from "./support/bystander.ts";
import { callJson, connectSession } from "./support/raw-calls.ts";
import { startTarget } from "./support/target.ts";
import { Notes } from "../wire/support/contract.ts";
import { protocols, transportFor } from "../wire/support/server.ts";

/** The figures of this run, for who reads its output. */
function tell(figures: string): void {
  // oxlint-disable-next-line no-console
  console.log(figures);
}

/** The milliseconds that calls took, by how they ended: "ok" or the name of a code. */
type Times = Readonly<Record<string, readonly number[]>>;

/** As many callers at a time as there are, each calling again as soon as it is answered. */
async function load(
  port: number,
  { callers, ms, text, number }: { callers: number; ms: number; text: string; number: number },
): Promise<Times> {
  const times: Record<string, number[]> = {};
  const end = performance.now() + ms;
  const sessions = Array.from({ length: 4 }, () => connectSession(port));
  const call = async (session: ClientHttp2Session): Promise<void> => {
    while (performance.now() < end) {
      const begun = performance.now();
      const { status, json } = await callJson(session, "Read", { text, number });
      const how = status === 200 ? "ok" : String(json["code"]);
      (times[how] ??= []).push(performance.now() - begun);
      if (how !== "ok") await sleep(200);
    }
  };
  const perSession = Array.from({ length: callers / sessions.length }, () => sessions).flat();
  await Promise.all(perSession.map(call));
  return times;
}

function told(times: Times): string {
  return Object.entries(times)
    .map(([how, ms]) => {
      const median = ms.toSorted((a, b) => a - b)[ms.length >> 1] ?? 0;
      return `${ms.length} ${how} in ${median.toFixed(0)} ms`;
    })
    .join(", ");
}

describe("a server with more work than time", () => {
  const burning = { callers: 200, ms: 2_000, text: "burn", number: 20 };

  test.each([
    [500, ["ok", "unavailable"]],
    [0, ["ok"]],
  ])("should tell those that it cannot serve, with a limit of %i ms", async (maxLagMs, ends) => {
    const argument = JSON.stringify({ options: { maxLagMs } });
    const target = await startTarget("message-server.ts", argument);

    const times: Record<string, number[]> = {};
    // On a machine that is slow itself, the load may not be one at first.
    for (let round = 0; round < 10 && !ends.every((how) => how in times); round++) {
      for (const [how, ms] of Object.entries(await load(target.port, burning))) {
        (times[how] ??= []).push(...ms);
      }
    }

    tell(`overload, limit ${maxLagMs} ms | ${told(times)}`);
    expect(Object.keys(times).toSorted()).toEqual(ends);
    // When the load is gone, all are served.
    const after = await load(target.port, { ...burning, callers: 4, ms: 500 });
    expect(Object.keys(after)).toEqual(["ok"]);
  });

  test("should refuse nothing while it is busy, but in time", async () => {
    const argument = JSON.stringify({ options: { maxLagMs: 500 } });
    const target = await startTarget("message-server.ts", argument);
    let times: Times = {};

    const { failures, answered, p50, p99 } = await observe(target, "2", async () => {
      times = await load(target.port, { callers: 64, ms: 2_000, text: "burn", number: 0 });
    });

    const calls = `${answered} calls in ${p50.toFixed(1)} ms, 99% ${p99.toFixed(1)} ms`;
    tell(`full load | ${told(times)} | ${calls}`);
    expect(Object.keys(times)).toEqual(["ok"]);
    expect(failures).toEqual([]);
  });
});

test("should tell clients of every protocol when to come again, and answer probes", async () => {
  const target = await startTarget(
    "message-server.ts",
    JSON.stringify({ options: { maxLagMs: 50 } }),
  );
  const url = `http://127.0.0.1:${target.port}`;
  const seen: Record<string, unknown> = {};
  const probes: unknown[] = [];
  const state = { isOver: false };
  const session = connectSession(target.port);
  const loads = Array.from({ length: 100 }, async () => {
    while (!state.isOver) await callJson(session, "Read", { text: "burn", number: 10 });
  });
  const probing = (async () => {
    while (!state.isOver) {
      const response = await fetch(`${url}/grpc.health.v1.Health/Check`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      probes.push(await response.json());
    }
  })();
  try {
    await Promise.all(
      protocols.map(async (protocol) => {
        const client = createClient(Notes, transportFor(protocol, url));
        const end = performance.now() + 30_000;
        while (seen[protocol] === undefined && performance.now() < end) {
          const calls = await Promise.allSettled(Array.from({ length: 20 }, () => client.say({})));
          const failed = calls.find((call) => call.status === "rejected");
          if (failed !== undefined) seen[protocol] = contents(ConnectError.from(failed.reason));
        }
      }),
    );
  } finally {
    state.isOver = true;
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
function contents({ code, details }: ConnectError): unknown[] {
  return [code, ...details.map((detail) => ("type" in detail ? detail.type : "")).toSorted()];
}
