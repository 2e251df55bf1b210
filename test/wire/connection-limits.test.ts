import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { createCutLog } from "../../src/wire/cut-log.ts";
import { Notes } from "./support/contract.ts";
import { connectRaw, frameType } from "./support/frames.ts";
import { server } from "./support/pki.ts";
import { type Line, postJson, startWire, transportFor } from "./support/server.ts";

const sayPath = "/wire.test.Notes/Say";

function dial(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  return socket.resume();
}

function openSession(url: string): ClientHttp2Session {
  const session = connectHttp2(url, { rejectUnauthorized: false });
  onTestFinished(() => session.destroy());
  session.on("error", () => {});
  return session;
}

function reasons(lines: readonly Line[]): unknown[] {
  return lines.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
}

/** A handler of a stream that says one thing, and another when it is told to. */
function pausing() {
  let resume = (): void => {};
  const resumed = new Promise<void>((resolve) => (resume = resolve));
  const list = async function* (): AsyncGenerator<{ number: number }> {
    yield { number: 1 };
    await resumed;
    yield { number: 2 };
  };
  return { list, resume: () => resume() };
}

test("should close connections beyond the limit, count them in the log, and take others later", async () => {
  const { url, port, lines } = await startWire({}, {}, { maxConnections: 3 });
  const kept = Array.from({ length: 3 }, () => dial(port));
  await Promise.all(kept.map((socket) => once(socket, "connect")));

  const refused = Array.from({ length: 5 }, () => dial(port));
  await Promise.all(
    refused.map((socket) => new Promise((resolve) => socket.once("close", resolve))),
  );

  await vi.waitFor(
    () => {
      const told = lines.filter(({ reason }) => reason === "there are 3 connections already");
      expect(told).toEqual([
        expect.objectContaining({ level: 40, msg: "connection cut" }),
        expect.objectContaining({ level: 40, msg: "connections cut", count: 4 }),
      ]);
    },
    { timeout: 20_000 },
  );
  for (const socket of kept) socket.destroy();
  await expect
    .poll(() =>
      postJson(url, "Say", {}).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
});

test.each([["cleartext"], ["TLS"]])(
  "should tell an idle HTTP/2 client over %s to go, and close its connection",
  async (kind) => {
    const tls = kind === "TLS" ? server : undefined;
    const { url, lines } = await startWire({}, { tls }, { idleMs: 100, checkMs: 20 });
    const session = openSession(url);
    const codes: number[] = [];
    session.on("goaway", (code: number) => codes.push(code));

    await once(session, "close");

    expect(new Set(codes)).toEqual(new Set([0]));
    // It is nothing to worry about.
    expect(reasons(lines)).toEqual([]);
  },
);

test("should not take a connection for idle that has a stream open", async () => {
  const { list, resume } = pausing();
  const { url } = await startWire({ list }, {}, { idleMs: 100, checkMs: 20 });
  const notes = createClient(Notes, transportFor("grpc", url));
  const stream = notes.list({})[Symbol.asyncIterator]();
  await stream.next();

  await sleep(500);
  resume();

  expect((await stream.next()).value).toMatchObject({ number: 2 });
});

test("should close an idle HTTP/1.1 connection", async () => {
  const { port } = await startWire({}, {}, { idleMs: 100 });
  const socket = dial(port);
  socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");

  const [hadError] = await once(socket, "close");

  expect(hadError).toBe(false);
  expect(socket.bytesRead).toBeGreaterThan(0);
});

test.each([["cleartext"], ["TLS"]])(
  "should let a client over %s go elsewhere when its connection is old, and finish what runs",
  async (kind) => {
    const { list, resume } = pausing();
    const tls = kind === "TLS" ? server : undefined;
    const { url, lines } = await startWire({ list }, { tls }, { maxAgeMs: 100, checkMs: 20 });
    const session = openSession(url);
    const call = session.request({
      ":method": "POST",
      ":path": "/wire.test.Notes/List",
      "content-type": "application/grpc",
    });
    call.end(Buffer.alloc(5));
    await once(call, "data");

    await once(session, "goaway");
    resume();
    call.resume();

    const [trailers] = await once(call, "trailers");
    expect(trailers["grpc-status"]).toBe("0");
    await once(session, "close");
    expect(reasons(lines)).toEqual([]);
  },
);

test("should cut what still runs when the grace of an old connection is over", async () => {
  const { list } = pausing();
  const limits = { maxAgeMs: 100, ageGraceMs: 100, checkMs: 20 };
  const { url, lines, callLine } = await startWire({ list }, {}, limits);
  const session = openSession(url);
  const call = session.request({
    ":method": "POST",
    ":path": "/wire.test.Notes/List",
    "content-type": "application/grpc",
  });
  call.on("error", () => {});
  call.end(Buffer.alloc(5)).resume();

  await once(session, "close");

  expect(await callLine()).toMatchObject({ code: "canceled" });
  await expect.poll(() => reasons(lines)).toEqual(["it did not end in time"]);
});

test("should limit the streams of one HTTP/2 connection as configured", async () => {
  const { url } = await startWire({}, {}, { maxStreams: 7, maxHeaderBytes: 2_048 });
  const session = openSession(url);

  const [settings] = await once(session, "remoteSettings");

  expect(settings).toMatchObject({ maxConcurrentStreams: 7, maxHeaderListSize: 2_048 });
});

test("should refuse headers that are too large, in both versions, and take the others", async () => {
  const { url } = await startWire({}, {}, { maxHeaderBytes: 4_096 });
  const session = openSession(url);
  const overHttp2 = async (length: number): Promise<unknown> => {
    const call = session.request({ ":path": "/healthz", "x-long": "x".repeat(length) });
    call.resume();
    return await once(call, "response").then(
      ([headers]) => headers[":status"],
      (error: Error) => error.message,
    );
  };
  const overHttp1 = async (length: number): Promise<number> =>
    (await fetch(`${url}/healthz`, { headers: { "x-long": "x".repeat(length) } })).status;

  expect(await overHttp1(2_000)).toBe(200);
  expect(await overHttp1(5_000)).toBe(431);
  expect(await overHttp2(2_000)).toBe(200);
  expect(await overHttp2(5_000)).toContain("NGHTTP2_ENHANCE_YOUR_CALM");
});

test.each([["grpc"], ["connect over HTTP/1.1"]] as const)(
  "should leave a stream over %s alone that has nothing to say for long",
  async (protocol) => {
    const { list, resume } = pausing();
    const { url, lines } = await startWire({ list }, {}, { stallMs: 100, checkMs: 20 });
    const notes = createClient(Notes, transportFor(protocol, url));
    const stream = notes.list({})[Symbol.asyncIterator]();
    await stream.next();

    await sleep(1_000);
    resume();

    expect((await stream.next()).value).toMatchObject({ number: 2 });
    expect(reasons(lines)).toEqual([]);
  },
);

test("should cut a client that stopped to answer, though its connection is open", async () => {
  const { list } = pausing();
  const { port, lines, callLine } = await startWire({ list }, {}, { stallMs: 100, checkMs: 20 });
  // It acknowledges nothing, as one that has lost its network.
  const client = await connectRaw(port);
  client.post(1, "/wire.test.Notes/List", "application/grpc");
  client.send(frameType.data, 1, 1, Buffer.alloc(5));

  if (!client.socket.closed) await once(client.socket, "close");

  expect(await callLine()).toMatchObject({ code: "canceled" });
  await expect.poll(() => reasons(lines)).toEqual(["the client reads nothing"]);
});

test("should put up with pings as long as something else is going on", async () => {
  const { port, lines, callLine } = await startWire();
  const client = await connectRaw(port);
  for (let n = 0; n < 30; n++) {
    // gRPC clients measure the line with a ping for what they read.
    const stream = 2 * n + 1;
    client.post(stream, sayPath, "application/json");
    const message = Buffer.from(JSON.stringify({ text: "x".repeat(15_000) }));
    client.send(frameType.data, 1, stream, message);
    for (let ping = 0; ping < 50; ping++) client.send(6, 0, 0, Buffer.alloc(8));
    await client.received(frameType.data, stream);
  }

  await callLine(29);
  expect(client.socket.destroyed).toBe(false);
  expect(reasons(lines)).toEqual([]);
});

test("should close a connection that is half closed before it says anything", async () => {
  const { port } = await startWire();
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).resume();
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");

  socket.end();
  await once(socket, "end");

  expect(socket.bytesRead).toBe(0);
});

test("should write one line for one reason, and count the rest", async () => {
  const lines: Line[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Line);
  const log = createCutLog(pino({}, { write }));
  for (let n = 0; n < 1_000; n++) log.cut(`192.0.2.1:${n}`, "a reason");
  log.cut("192.0.2.1:1", "another reason");

  log.close();

  expect(lines).toEqual([
    expect.objectContaining({ msg: "connection cut", peer: "192.0.2.1:0", reason: "a reason" }),
    expect.objectContaining({ msg: "connection cut", reason: "another reason" }),
    expect.objectContaining({ msg: "connections cut", reason: "a reason", count: 999 }),
  ]);
});
