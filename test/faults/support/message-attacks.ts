import { connect as dialPort } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { expect, onTestFinished } from "vitest";
import { Code } from "@connectrpc/connect";
import { envelope } from "../../../src/wire/engine/answers.ts";
import { closedOrAfter } from "./attacker.ts";
import { answerOf, connectSession, open, progressOf, type Answer } from "./raw-calls.ts";

/** One kind of bad message or stream, sent to both servers. */
export interface MessageAttack {
  readonly version: "1.1" | "2";
  /** Does it, and tells in a few words how it ended. */
  readonly run: (port: number, kind: "ours" | "stock") => Promise<string>;
  /** How it is to end. */
  readonly ours: RegExp;
  /** How it ends with Fastify and Connect as they come. Default: as another attack of its kind. */
  readonly stock?: RegExp;
  /** MiB by which ours may grow. Default: 150. */
  readonly growth?: number;
  /** MiB by which the other one grows at least. Default: it is not about memory. */
  readonly stockGrowth?: number;
}

const MiB = 1_048_576;

/** For how long it is watched whether a server does something that it need not: milliseconds. */
const patienceMs = 1_000;

/** How many ended how. */
function tally(ends: readonly string[]): string {
  const counts = Map.groupBy(ends, (end) => end);
  return [...counts].map(([end, { length }]) => `${length} ${end}`).join(", ");
}

/** The name of what an answer says. */
function named({ status, grpcStatus, body, reset }: Answer): string {
  if (grpcStatus !== undefined) return Code[Number(grpcStatus)] ?? "ok";
  const code = /"code":"(\w+)"/.exec(body.toString("latin1"))?.[1];
  if (code !== undefined) return code;
  return status === undefined || reset !== 0 ? `reset ${reset}` : `HTTP ${status}`;
}

/** Waits until so many streams are over, or for some time if the server is not ours. */
async function ended(answers: readonly Promise<Answer>[], kind: "ours" | "stock"): Promise<string> {
  const all = answers.map((answer) => answer.then(named));
  if (kind === "ours") return tally(await Promise.all(all));
  const stop = new AbortController();
  const late = sleep(patienceMs, "open", { signal: stop.signal }).catch(() => "open");
  const ends = await Promise.all(all.map((end) => Promise.race([end, late])));
  stop.abort();
  return tally(ends);
}

/** The bytes of a bomb: with the other server it is less, for the sake of this machine. */
const bombs = {
  gzip: gzipSync(Buffer.alloc(64 * MiB)),
  br: brotliCompressSync(Buffer.alloc(64 * MiB), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 4 },
  }),
} as const;

function bombing(encoding: keyof typeof bombs, how: "connect" | "unary gRPC" | "stream of gRPC") {
  return async (port: number, kind: "ours" | "stock"): Promise<string> => {
    const session = connectSession(port);
    const count = kind === "ours" ? 200 : 10;
    const isEnveloped = how !== "connect";
    const bomb = isEnveloped ? envelope(1, bombs[encoding]) : bombs[encoding];
    const method = how === "stream of gRPC" ? "Chat" : "Say";
    const type = isEnveloped ? "application/grpc" : "application/proto";
    const header = isEnveloped ? "grpc-encoding" : "content-encoding";
    const answers = Array.from({ length: count }, () => {
      const stream = open(session, method, type, { [header]: encoding });
      stream.end(bomb);
      return answerOf(stream);
    });
    const ends = tally((await Promise.all(answers)).map(named));
    // The connection goes on.
    await progressOf(session);
    return ends;
  };
}

/** A prefix that promises so many bytes, and as many bytes of them. */
function promise(promised: number, sent: number): Buffer {
  const bytes = Buffer.alloc(5 + sent);
  bytes.writeUInt32BE(promised, 1);
  return bytes;
}

/** Streams whose client reads nothing: no window at all. */
function deaf(method: "List" | "Chat") {
  return async (port: number, kind: "ours" | "stock"): Promise<string> => {
    const watcher = connectSession(port);
    const sessions = Array.from({ length: 10 }, () =>
      connectSession(port, { settings: { initialWindowSize: 0 } }),
    );
    const number = 16_384;
    const message = envelope(0, Buffer.from(JSON.stringify({ number })));
    const streams = sessions.flatMap((session) =>
      Array.from({ length: 100 }, () => open(session, method, "application/grpc+json")),
    );
    const answers = streams.map(answerOf);
    for (const stream of streams) {
      if (method === "List") stream.end(message);
      else {
        // As much as it takes; each message is answered with many more bytes.
        const more = Buffer.concat(Array.from({ length: 1_000 }, () => message));
        for (let n = 0; n < 10; n++) stream.write(more);
      }
    }
    await sleep(500);
    const [first, second] = [await settled(watcher), await progressOf(watcher)];
    expect(second - first).toBe(0);
    const ends = await ended(answers, kind);
    return `${(first / streams.length).toFixed(1)} messages made for each stream; ${ends}`;
  };
}

/** The number of messages made, once it stays the same for a moment. */
async function settled(watcher: Parameters<typeof progressOf>[0]): Promise<number> {
  for (let before = -1; ;) {
    const now = await progressOf(watcher);
    if (now === before) return now;
    before = now;
    await sleep(200);
  }
}

/** A request over HTTP/1.1 whose client reads nothing. */
async function deafOverHttp1(port: number): Promise<string> {
  const watcher = connectSession1(port);
  const body = envelope(0, Buffer.from('{"number":16384}'));
  const head = [
    "POST /wire.test.Notes/List HTTP/1.1",
    "host: x",
    "content-type: application/connect+json",
    `content-length: ${body.length}`,
  ].join("\r\n");
  const sockets = Array.from({ length: 100 }, () => {
    const socket = dialPort(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    socket.pause();
    socket.write(`${head}\r\n\r\n`);
    socket.write(body);
    return socket;
  });
  await sleep(500);
  let first = -1;
  for (let now = await watcher(); now !== first; now = await watcher()) {
    first = now;
    await sleep(300);
  }
  for (const socket of sockets) socket.destroy();
  return `held back after ${(first / sockets.length).toFixed(0)} messages for each`;
}

function connectSession1(port: number): () => Promise<number> {
  return async () => {
    const response = await fetch(`http://127.0.0.1:${port}/wire.test.Notes/Say`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"text":"progress"}',
    });
    return Number(((await response.json()) as { number?: number }).number ?? 0);
  };
}

export const messageAttacks: Readonly<Record<string, MessageAttack>> = {
  "bombs of gzip to unary Connect": {
    version: "2",
    run: bombing("gzip", "connect"),
    ours: /^200 resource_exhausted$/,
    stock: /^10 internal$/,
    stockGrowth: 200,
  },
  "bombs of brotli to unary gRPC": {
    version: "2",
    run: bombing("br", "unary gRPC"),
    ours: /^200 ResourceExhausted$/,
  },
  "bombs of gzip to streams of gRPC": {
    version: "2",
    run: bombing("gzip", "stream of gRPC"),
    ours: /^200 ResourceExhausted$/,
    stock: /^10 Internal$/,
    stockGrowth: 200,
  },
  "prefixes that promise 4 MiB, and nothing after": {
    version: "2",
    async run(port, kind) {
      const session = connectSession(port);
      const answers = Array.from({ length: 500 }, () => {
        const stream = open(session, "Chat", "application/grpc");
        stream.write(promise(4 * MiB, 1_000));
        return answerOf(stream);
      });
      return ended(answers, kind);
    },
    ours: /^500 DeadlineExceeded$/,
    stock: /open/,
    stockGrowth: 50,
  },
  "prefixes that promise 4 GiB": {
    version: "2",
    async run(port, kind) {
      const session = connectSession(port);
      const answers = Array.from({ length: 500 }, () => {
        const stream = open(session, "Chat", "application/grpc");
        stream.write(promise(0xffff_fff0, 1_000));
        return answerOf(stream);
      });
      return ended(answers, kind);
    },
    ours: /^500 ResourceExhausted$/,
    stock: /./,
  },
  "requests with one message that never end": {
    version: "2",
    async run(port, kind) {
      const session = connectSession(port);
      const answers = Array.from({ length: 500 }, () => {
        const stream = open(session, "List", "application/grpc");
        stream.write(promise(0, 0));
        return answerOf(stream);
      });
      return ended(answers, kind);
    },
    ours: /^500 DeadlineExceeded$/,
  },
  "unary requests that never end, with a deadline far away": {
    version: "2",
    async run(port, kind) {
      const session = connectSession(port);
      const answers = Array.from({ length: 500 }, () => {
        const stream = open(session, "Say", "application/grpc", { "grpc-timeout": "1000H" });
        stream.write(promise(1_000, 10));
        return answerOf(stream);
      });
      return ended(answers, kind);
    },
    ours: /^500 DeadlineExceeded$/,
    stock: /^500 open$/,
  },
  "bodies far too large, 50 at once on one connection": {
    version: "2",
    async run(port) {
      const session = connectSession(port);
      const body = Buffer.alloc(16 * MiB);
      const answers = Array.from({ length: 50 }, () => {
        const stream = open(session, "Say", "application/grpc");
        stream.write(promise(body.length, 0));
        stream.end(body);
        return answerOf(stream);
      });
      const ends = tally((await Promise.all(answers)).map(named));
      await progressOf(session);
      return ends;
    },
    ours: /^50 ResourceExhausted$/,
    stock: /./,
    stockGrowth: 50,
  },
  "streams over HTTP/2 that nobody reads": {
    version: "2",
    run: deaf("List"),
    ours: /; 1000 reset 11$/,
    stock: /; 1000 open$/,
    // The buffers of both sides, for a thousand streams.
    growth: 400,
  },
  "streams over HTTP/2 that are only written to": {
    version: "2",
    run: deaf("Chat"),
    ours: /; 1000 reset 11$/,
    stock: /; 1000 open$/,
    growth: 700,
  },
  "streams over HTTP/1.1 that nobody reads": {
    version: "1.1",
    run: deafOverHttp1,
    ours: /held back/,
    stock: /held back/,
    growth: 300,
  },
  "messages to a handler that does not read them": {
    version: "2",
    async run(port) {
      const session = connectSession(port);
      // Empty messages, which cost the client next to nothing.
      const bytes = Buffer.alloc(5 * 200_000);
      let taken = 0;
      const streams = Array.from({ length: 50 }, () =>
        open(session, "Collect", "application/grpc"),
      );
      for (const stream of streams) stream.write(bytes, () => taken++);
      await sleep(patienceMs);
      for (const stream of streams) stream.destroy();
      return `${taken} of 50 taken`;
    },
    ours: /^0 of 50 taken$/,
    stock: /of 50 taken$/,
  },
  "requests over HTTP/1.1 that wait for no answer": {
    version: "1.1",
    async run(port, kind) {
      const body = '{"text":"wait","number":1000}';
      const head =
        "POST /wire.test.Notes/Read HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
      const request = `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      const socket = dialPort(port, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => {});
      socket.resume();
      socket.write(request.repeat(10_000));
      await closedOrAfter(socket, kind === "ours" ? 20_000 : patienceMs);
      const most = await fetch(`http://127.0.0.1:${port}/wire.test.Notes/Read`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"text":"most"}',
      });
      const { number } = (await most.json()) as { number: number };
      return `${socket.destroyed ? "closed" : "open"}, ${number} at a time`;
    },
    ours: /^closed, 101 at a time$/,
    stock: /^open, \d{4,5} at a time$/,
  },
};
