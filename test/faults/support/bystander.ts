import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "./target.ts";

/** What a client noticed that did nothing wrong. */
export interface Observations {
  /** Calls that were answered. */
  readonly answered: number;
  /** Why calls were not answered. */
  readonly failures: readonly string[];
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** MiB: before, and the most meanwhile. */
  readonly memoryBefore: number;
  readonly memoryPeak: number;
}

/** How often it calls: milliseconds. */
const pauseMs = 10;

/** How long it goes on when an attack is over: milliseconds. */
const aftermathMs = 200;

/** Calls a server over a connection of its own from before an attack until after it. */
export async function observe(
  target: Target,
  version: "1.1" | "2",
  attack: () => Promise<void>,
): Promise<Observations> {
  const caller = version === "2" ? callerOverHttp2(target.port) : callerOverHttp1(target.port);
  const times: number[] = [];
  const failures: string[] = [];
  const over = new AbortController();
  await caller.call();
  const memoryBefore = target.memory();
  let memoryPeak = memoryBefore;
  const calling = (async () => {
    while (!over.signal.aborted) {
      const begun = performance.now();
      try {
        await caller.call();
        times.push(performance.now() - begun);
      } catch (error) {
        failures.push(String(error));
      }
      if (target.isUp()) memoryPeak = Math.max(memoryPeak, target.memory());
      await sleep(pauseMs);
    }
  })();
  try {
    await attack();
    await sleep(aftermathMs);
  } finally {
    over.abort();
    await calling;
    caller.close();
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
  return {
    answered: times.length,
    failures,
    p50: at(0.5),
    p99: at(0.99),
    memoryBefore,
    memoryPeak,
  };
}

interface Caller {
  call(): Promise<void>;
  close(): void;
}

const path = "/wire.test.Notes/Say";
const headers = { "content-type": "application/json" };
const body = JSON.stringify({ text: "hello" });

function callerOverHttp1(port: number): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async call() {
      const options = { port, host: "127.0.0.1", path, agent, method: "POST", headers };
      const [response] = (await once(request(options).end(body), "response")) as [IncomingMessage];
      response.resume();
      await once(response, "end");
      if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`);
    },
    close: () => agent.destroy(),
  };
}

function callerOverHttp2(port: number): Caller {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  return {
    async call() {
      const stream = session.request({ ":method": "POST", ":path": path, ...headers });
      stream.end(body);
      const [answer] = (await once(stream, "response")) as [{ ":status"?: number }];
      stream.resume();
      await once(stream, "end");
      if (answer[":status"] !== 200) throw new Error(`HTTP ${answer[":status"]}`);
    },
    close: () => session.destroy(),
  };
}
