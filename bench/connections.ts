// What idle connections cost: `node bench/connections.ts`. Half of them speak
// HTTP/1.1 and half HTTP/2; then come server streams that have nothing to say.
// Prints memory for each, and how long a call takes meanwhile. The server is a
// process of its own; both need as many open files as there are connections.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const connections = 10_000;
const streams = 1_000;
const calls = 2_000;
const atOnce = 100;

const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  // Settings: nothing but their head, and the acknowledgement of the server's.
  Buffer.from("000000040000000000000000040100000000", "hex"),
]);

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const server = await startServer();
const session = connectHttp2(`http://127.0.0.1:${server.port}`);
await timeCalls(session);
report("no connections", server.memory(), await timeCalls(session));

const before = server.memory();
const half = connections / 2;
await open(half, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
await sleep(2_000);
const withHttp1 = server.memory();
report(`${half} idle over HTTP/1.1`, withHttp1, await timeCalls(session));
await open(half, preface);
await sleep(2_000);
const withHttp2 = server.memory();
report(`${half} idle over HTTP/2 besides`, withHttp2, await timeCalls(session));

const streaming = connectHttp2(`http://127.0.0.1:${server.port}`);
await once(streaming, "remoteSettings");
await inBatches(streams, async () => {
  const stream = streaming.request({
    ":method": "POST",
    ":path": "/grpc.health.v1.Health/Watch",
    "content-type": "application/grpc",
  });
  stream.end(Buffer.alloc(5));
  await once(stream, "data");
});
await sleep(2_000);
const withStreams = server.memory();
report(`${streams} open streams besides`, withStreams, await timeCalls(session));

const perConnection = (after: number, first: number): string =>
  `${((after - first) / 1_024 / half).toFixed(1)} KiB`;
print(`an idle connection over HTTP/1.1: ${perConnection(withHttp1, before)}`);
print(`an idle connection over HTTP/2: ${perConnection(withHttp2, withHttp1)}`);
print(`an open stream: ${((withStreams - withHttp2) / 1_024 / streams).toFixed(1)} KiB`);
process.exit(0);

interface Server {
  readonly port: number;
  /** Its resident memory in bytes. */
  memory(): number;
}

async function startServer(): Promise<Server> {
  const script = fileURLToPath(new URL("connections-server.ts", import.meta.url));
  const limit = connections + 2_000;
  // Where the limit cannot be raised, the server says so with its own.
  const child = spawn(
    "sh",
    ["-c", `ulimit -n ${limit} 2>/dev/null; exec "$0" "$1" ${limit}`, process.execPath, script],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  process.once("exit", () => void child.kill());
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return {
    port: Number(line),
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1_024;
    },
  };
}

/** Opens connections that say one thing, and wait for what the server says to it. */
async function open(count: number, said: string | Buffer): Promise<void> {
  await inBatches(count, async () => {
    const socket: Socket = connect(server.port, "127.0.0.1");
    socket.write(said);
    await once(socket, "data");
    socket.resume();
  });
}

async function inBatches(count: number, run: () => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - done) }, run));
  }
}

/** Milliseconds of calls, one after the other: half of them, and 99 of 100. */
async function timeCalls(
  client: ClientHttp2Session,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = [];
  for (let n = 0; n < calls; n++) {
    const begun = performance.now();
    const stream = client.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
    });
    stream.end(Buffer.alloc(5)).resume();
    await once(stream, "end");
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return { p50: times[calls * 0.5] ?? 0, p99: times[calls * 0.99] ?? 0 };
}

function report(what: string, memory: number, { p50, p99 }: { p50: number; p99: number }): void {
  const latency = `a call takes ${p50.toFixed(2)} ms, 99% ${p99.toFixed(2)} ms`;
  print(`${what}: ${(memory / 1_048_576).toFixed(0)} MiB, ${latency}`);
}
