import { constants } from "node:http2";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionLimits } from "../../../src/wire/limits.ts";
import { flag, frameType } from "../../wire/support/frames.ts";
import {
  closedOrAfter,
  connectRaw,
  dial,
  type End,
  endOf,
  frame,
  header,
  isCut,
  repeat,
  u32,
} from "./attacker.ts";

export interface Attack {
  readonly version: "1.1" | "2";
  /** Does it, and tells how it ended; `told` says whether the server said that it ended it. */
  readonly run: (port: number, patienceMs: number, told: () => boolean) => Promise<End>;
  /** Where the times for all do not fit. */
  readonly limits?: Partial<ConnectionLimits>;
  /** How it is to end. */
  readonly ours: End | RegExp;
  /** In the log. Default: it is a request that is refused, not a connection that is cut. */
  readonly reason?: string;
  /** How it ends with Fastify and Connect as they come. */
  readonly stock: End | RegExp;
  /** MiB by which that server grows at least. Default: memory is not what it is about. */
  readonly stockGrowth?: number;
}

const sayPath = "/wire.test.Notes/Say";
const post = (path: string, contentType: string): Buffer =>
  Buffer.concat([
    header(":method", "POST"),
    header(":scheme", "http"),
    header(":path", path),
    header(":authority", "x"),
    header("content-type", contentType),
  ]);
const call = post(sayPath, "application/json");
const manyHeaders = Buffer.concat(
  Array.from({ length: 120 }, (_, n) => header(`x-${n}`, "y".repeat(110))),
);
const { headers, data, reset, settings, windowUpdate } = frameType;
const [ping, continuation] = [6, 9];
const cancel = u32(constants.NGHTTP2_CANCEL);
const calm: End = `GOAWAY ${constants.NGHTTP2_ENHANCE_YOUR_CALM}`;

/** The same frames for each of many streams, in one go. */
function onStreams(count: number, frames: (stream: number) => Buffer[]): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, n) => frames(2 * n + 1)).flat());
}

/** A frame 20,000 times, in doses that nghttp2 answers before it minds. */
async function drip(port: number, bytes: Buffer): Promise<End> {
  const client = await connectRaw(port);
  const dose = Buffer.concat(Array.from({ length: 400 }, () => bytes));
  for (let n = 0; n < 50 && !client.socket.destroyed; n++) {
    await repeat(client.socket, dose, 1);
    await sleep(5);
  }
  return endOf(client, 500);
}

/** The end of a connection over HTTP/1.1, or of one that never got to frames. */
async function endOfSocket(socket: Socket, patienceMs: number): Promise<End> {
  await closedOrAfter(socket, patienceMs);
  return socket.destroyed ? "closed" : "open";
}

async function toldOrAfter(told: () => boolean, patienceMs: number): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!told() && performance.now() < end) await sleep(20);
}

export const attacks: Readonly<Record<string, Attack>> = {
  // Node.js ends it too, after a minute or more.
  "headers over HTTP/1.1 that come byte by byte": {
    version: "1.1",
    async run(port, patienceMs) {
      const sockets = await Promise.all(Array.from({ length: 50 }, () => dial(port)));
      const timer = setInterval(() => {
        for (const socket of sockets) socket.write("x");
      }, 50);
      for (const socket of sockets) socket.write("GET / HTTP/1.1\r\nhost: x\r\nx-slow: ");
      const ends = await Promise.all(sockets.map((socket) => endOfSocket(socket, patienceMs)));
      clearInterval(timer);
      return ends.includes("open") ? "open" : "closed";
    },
    ours: "closed",
    reason: "the request took too long to arrive",
    stock: "open",
  },
  // Both are safe: Node.js has this limit.
  "headers over HTTP/1.1 without an end": {
    version: "1.1",
    async run(port, patienceMs) {
      const socket = await dial(port);
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n");
      await repeat(socket, Buffer.from(`x-much: ${"y".repeat(1_000)}\r\n`), 10_000);
      return endOfSocket(socket, patienceMs);
    },
    ours: "closed",
    reason: "the headers of the request are too large",
    stock: "closed",
  },
  "answers over HTTP/1.1 that are never read": {
    version: "1.1",
    async run(port, patienceMs, told) {
      const socket = await dial(port);
      socket.pause();
      const body = Buffer.concat([Buffer.from([0, 0, 0, 0, 16]), Buffer.from('{"number":50000}')]);
      const type = "content-type: application/connect+json";
      const head = `POST /wire.test.Notes/List HTTP/1.1\r\nhost: x\r\n${type}`;
      socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.write(body);
      await toldOrAfter(told, patienceMs);
      return (await isCut(socket)) ? "closed" : "open";
    },
    ours: "closed",
    reason: "the client reads nothing",
    stock: "open",
  },
  "half a preface of HTTP/2": {
    version: "2",
    async run(port, patienceMs) {
      const socket = await dial(port);
      socket.write("PRI * HTTP/2.0\r\n");
      return endOfSocket(socket, patienceMs);
    },
    ours: "closed",
    reason: "the preface of HTTP/2 took too long",
    stock: "open",
  },
  "half a block of headers over HTTP/2": {
    version: "2",
    async run(port, patienceMs) {
      const client = await connectRaw(port);
      client.send(headers, 0, 1, call);
      return endOf(client, patienceMs);
    },
    ours: `GOAWAY ${constants.NGHTTP2_NO_ERROR}`,
    reason: "it did not end in time",
    stock: "open",
  },
  "connections beyond the limit, all idle": {
    version: "2",
    async run(port, patienceMs) {
      const sockets = await Promise.all(Array.from({ length: 300 }, () => dial(port)));
      await sleep(200);
      const ends = await Promise.all(sockets.map((socket) => endOfSocket(socket, patienceMs)));
      return ends.includes("open") ? "open" : "closed";
    },
    ours: "closed",
    reason: "there are 100 connections already",
    stock: "open",
  },
  // Both are safe, thanks to nghttp2; ours says so.
  "streams that are reset as soon as they are opened": {
    version: "2",
    async run(port, patienceMs) {
      const client = await connectRaw(port);
      const bytes = onStreams(10_000, (stream) => [
        frame(headers, flag.endHeaders, stream, call),
        frame(reset, 0, stream, cancel),
      ]);
      await repeat(client.socket, bytes, 1);
      return endOf(client, patienceMs);
    },
    ours: /GOAWAY|closed/,
    reason: "a flood of canceled streams",
    stock: /GOAWAY|closed/,
  },
  // Both are safe: a window that grows by nothing is an error that ends the connection.
  "streams that the server is made to reset": {
    version: "2",
    async run(port, patienceMs) {
      const client = await connectRaw(port);
      const bytes = onStreams(10_000, (stream) => [
        frame(headers, flag.endHeaders, stream, call),
        frame(windowUpdate, 0, stream, u32(0)),
      ]);
      await repeat(client.socket, bytes, 1);
      return endOf(client, patienceMs);
    },
    ours: /GOAWAY|closed/,
    reason: "Protocol error",
    stock: /GOAWAY|closed/,
  },
  "many more streams than may be open": {
    version: "2",
    async run(port, patienceMs) {
      const client = await connectRaw(port);
      const bytes = onStreams(20_000, (stream) => [frame(headers, flag.endHeaders, stream, call)]);
      await repeat(client.socket, bytes, 1);
      return endOf(client, patienceMs);
    },
    ours: /GOAWAY|closed/,
    reason: "Too many invalid HTTP/2 frames",
    // It answers all of them at once; with luck, Node.js ends it before.
    stock: /open|GOAWAY|closed/,
    stockGrowth: 200,
  },
  // Both are safe, thanks to nghttp2.
  "headers over HTTP/2 without an end": {
    version: "2",
    async run(port, patienceMs) {
      const client = await connectRaw(port);
      client.send(headers, 0, 1, call);
      await repeat(client.socket, frame(continuation, 0, 1, manyHeaders), 3_000);
      return endOf(client, patienceMs);
    },
    ours: /GOAWAY|closed/,
    reason: "Too many CONTINUATION frames following a HEADER frame",
    stock: /GOAWAY|closed/,
  },
  // Both refuse the stream: Node.js has a limit of 64 KiB, ours is lower.
  "headers over HTTP/2 that are too large": {
    version: "2",
    async run(port) {
      const client = await connectRaw(port);
      const bytes = [
        frame(headers, 0, 1, call),
        ...Array.from({ length: 4 }, () => frame(continuation, 0, 1, manyHeaders)),
        frame(continuation, flag.endHeaders, 1, manyHeaders),
      ];
      await repeat(client.socket, Buffer.concat(bytes), 1);
      const { payload } = await client.received(reset, 1);
      return `RST_STREAM ${payload.readUInt32BE(0)}`;
    },
    ours: `RST_STREAM ${constants.NGHTTP2_ENHANCE_YOUR_CALM}`,
    stock: `RST_STREAM ${constants.NGHTTP2_ENHANCE_YOUR_CALM}`,
  },
  "a flood of SETTINGS": {
    version: "2",
    run: (port) => drip(port, frame(settings, 0, 0, Buffer.from("000300000064", "hex"))),
    ours: calm,
    reason: "a flood of PING or SETTINGS frames",
    stock: "open",
  },
  "a flood of PING": {
    version: "2",
    run: (port) => drip(port, frame(ping, 0, 0, Buffer.alloc(8))),
    ours: calm,
    reason: "a flood of PING or SETTINGS frames",
    stock: "open",
  },
  "a flood of WINDOW_UPDATE": {
    version: "2",
    async run(port, patienceMs) {
      const client = await connectRaw(port);
      const dose = Buffer.concat(
        Array.from({ length: 5_000 }, () => frame(windowUpdate, 0, 0, u32(1))),
      );
      await repeat(client.socket, dose, 100);
      return endOf(client, patienceMs);
    },
    limits: { checkMs: 1_000 },
    ours: calm,
    reason: "a flood of frames that belong to no stream",
    stock: "open",
  },
  "answers over HTTP/2 that are never read": {
    version: "2",
    async run(port, patienceMs, told) {
      const client = await connectRaw(port);
      client.socket.pause();
      // Windows as large as can be.
      client.send(settings, 0, 0, Buffer.from("00047fffffff", "hex"));
      client.send(windowUpdate, 0, 0, u32(2 ** 31 - 1 - 65_535));
      const list = post("/wire.test.Notes/List", "application/grpc");
      const message = Buffer.from([0, 0, 0, 0, 4, 0x10, 0xd0, 0x86, 0x03]);
      const bytes = onStreams(10, (stream) => [
        frame(headers, flag.endHeaders, stream, list),
        frame(data, flag.endStream, stream, message),
      ]);
      await repeat(client.socket, bytes, 1);
      await toldOrAfter(told, patienceMs);
      return (await isCut(client.socket)) ? "closed" : "open";
    },
    ours: "closed",
    reason: "the client reads nothing",
    stock: "open",
  },
};
