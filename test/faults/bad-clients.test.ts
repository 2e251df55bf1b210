import { once } from "node:events";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connectRaw, flag, frameType } from "../wire/support/frames.ts";
import { postJson, startWire } from "../wire/support/server.ts";

const sayPath = "/wire.test.Notes/Say";

/** Sends bytes to a port, and tells what comes back until the connection is closed. */
async function say(port: number, bytes: string | Buffer): Promise<string> {
  const socket = dial(port);
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
  socket.write(bytes);
  await once(socket, "close");
  return answer;
}

function dial(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  return socket;
}

describe("connections that get nowhere", () => {
  test.each([
    ["that says nothing", ""],
    ["that begins like HTTP/2, perhaps", "PR"],
    ["that stops within the preface", "PRI * HTTP/2.0\r\n\r\n"],
    ["that sends no settings after the preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ])("should close one %s", async (_, said) => {
    const { url, port } = await startWire({}, {}, { firstBytesMs: 50 });

    await say(port, said);

    expect((await postJson(url, "Say", {})).status).toBe(200);
  });

  test("should not close one that goes on after its first bytes", async () => {
    const { port } = await startWire({}, {}, { firstBytesMs: 50 });
    const client = await connectRaw(port);
    const http1 = dial(port);
    http1.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(http1, "data");
    await new Promise((resolve) => setTimeout(resolve, 150));

    client.post(1, sayPath, "application/grpc", flag.endStream);
    await client.received(frameType.headers, 1);
    http1.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    const [again] = await once(http1, "data");
    expect(String(again)).toContain("200 OK");
  });

  test("should take a preface and a request that come byte by byte", async () => {
    const { port } = await startWire();
    const socket = dial(port);
    socket.setNoDelay(true);
    for (const byte of "PROPFIND /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n") {
      socket.write(byte);
      await new Promise(setImmediate);
    }
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 404/);

    const h2 = dial(port);
    h2.setNoDelay(true);
    for (const byte of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0") {
      h2.write(byte);
      await new Promise(setImmediate);
    }
    const [settings] = (await once(h2, "data")) as [Buffer];
    expect(settings[3]).toBe(frameType.settings);
  });

  test.each([
    ["garbage", "\x01\x02\x03 this is nothing\r\n\r\n", "400 Bad Request"],
    ["an unknown version", "GET / HTTP/9.9\r\n\r\n", "400 Bad Request"],
    ["no host", "GET /healthz HTTP/1.1\r\n\r\n", "400 Bad Request"],
    ["endless headers", `GET / HTTP/1.1\r\n${"x: y\r\n".repeat(20_000)}`, "431 Request Header"],
  ])("should answer %s with an error, and close", async (_, said, status) => {
    const { port } = await startWire({}, {}, { headersMs: 200, checkMs: 20 });

    expect(await say(port, said)).toContain(`HTTP/1.1 ${status}`);
  });

  test("should close a connection that sends garbage after the preface", async () => {
    const { url, port } = await startWire();

    await say(port, `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"garbage ".repeat(100)}`);

    expect((await postJson(url, "Say", {})).status).toBe(200);
  });

  test("should give up headers that do not arrive", async () => {
    const { port } = await startWire({}, {}, { headersMs: 100, checkMs: 20 });

    expect(await say(port, "GET /healthz HTTP/1.1\r\nhost")).toContain("408 Request Timeout");
  });

  test("should give up a request over HTTP/1.1 whose body does not arrive", async () => {
    const { port, callLine } = await startWire(
      {},
      {},
      { headersMs: 100, requestMs: 150, checkMs: 20 },
    );
    const head = `POST ${sayPath} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json`;

    expect(await say(port, `${head}\r\ncontent-length: 9\r\n\r\n{`)).toContain("408");

    expect(await callLine()).toMatchObject({ code: "canceled", bytesIn: 1 });
  });

  test("should close an HTTP/2 connection whose client closes its side", async () => {
    const { port } = await startWire();
    const { socket, received } = await connectRaw(port);
    await received(frameType.settings, 0);

    socket.end();
    await once(socket, "close");

    expect(socket.readableEnded).toBe(true);
  });

  test("should answer a client that closes its side once it has sent its request", async () => {
    const { port } = await startWire();
    const socket = dial(port);
    socket.end("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");

    const [answer] = await once(socket, "data");

    expect(String(answer)).toContain('{"status":"ok"}');
  });
});

describe("messages that are too large", () => {
  const tooLarge = JSON.stringify({ text: "x".repeat(300_000) });

  test.each([true, false])(
    "should be refused over HTTP/1.1, and leave the connection as it was (length known: %s)",
    async (lengthKnown) => {
      const { url } = await startWire();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      onTestFinished(() => agent.destroy());

      const ports = new Set<number | undefined>();
      for (let round = 0; round < 3; round++) {
        const refused = await send(agent, url, tooLarge, lengthKnown);
        expect(refused.status).toBe(429);
        expect(refused.body).toMatchObject({ code: "resource_exhausted" });
        const fine = await send(agent, url, '{"text":"hello"}', lengthKnown);
        expect(fine.body).toMatchObject({ text: "hello" });
        ports.add(refused.localPort).add(fine.localPort);
      }
      expect(ports.size).toBe(1);
    },
  );

  test("should be refused over HTTP/2, and leave the session as it was", async () => {
    const { url } = await startWire();
    // The limit is the client's own, for what it has yet to send: in MB.
    const session = connectHttp2(url, { maxSessionMemory: 1_000 });
    onTestFinished(() => session.destroy());
    const call = async (message: Buffer): Promise<string> => {
      const stream = session.request({
        ":method": "POST",
        ":path": sayPath,
        "content-type": "application/grpc",
      });
      stream.on("error", () => {});
      stream.resume();
      const head = Buffer.alloc(5);
      head.writeUInt32BE(message.length, 1);
      stream.end(Buffer.concat([head, message]));
      const ends = new Promise<IncomingHttpHeaders>((resolve) => {
        // What fails before there is a message ends with its headers.
        for (const event of ["response", "trailers"]) {
          stream.on(event, (headers: IncomingHttpHeaders) => {
            if (headers["grpc-status"] !== undefined) resolve(headers);
          });
        }
      });
      return String((await ends)["grpc-status"]);
    };

    // More than the window of the connection would hold, were it not given back.
    const refused = await Promise.all(
      Array.from({ length: 50 }, () => call(Buffer.alloc(1_048_576))),
    );
    expect(new Set(refused)).toEqual(new Set(["8"]));
    expect(await call(Buffer.alloc(0))).toBe("0");
    expect(session.closed).toBe(false);
  });

  test("should cost the connection when they do not end", async () => {
    const { port, callLine } = await startWire();
    const socket = dial(port);
    const head = `POST ${sayPath} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json`;
    socket.write(`${head}\r\ntransfer-encoding: chunked\r\n\r\n`);
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    let turned = (): void => {};
    const turn = (): Promise<void> => new Promise((resolve) => (turned = resolve));
    socket.on("drain", () => turned());
    let sent = 0;
    while (!socket.destroyed) {
      sent += chunk.length;
      if (!socket.write(chunk)) await Promise.race([turn(), closed]);
    }

    expect(answer).toContain("resource_exhausted");
    expect(sent).toBeGreaterThan(16_000_000);
    // Not much more, either: what the buffers between the two hold.
    expect(sent).toBeLessThan(64_000_000);
    expect(await callLine()).toMatchObject({ code: "resource_exhausted" });
  });

  test("should be refused however small they are before they are inflated", async () => {
    const { url, callLine } = await startWire();
    const bomb = gzipSync(Buffer.alloc(400 * 1_048_576));
    expect(bomb.length).toBeGreaterThan(65_536);
    const small = gzipSync(Buffer.alloc(50 * 1_048_576));
    expect(small.length).toBeLessThan(65_536);
    const before = process.memoryUsage().rss;

    const envelope = Buffer.alloc(5);
    envelope[0] = 1;
    envelope.writeUInt32BE(small.length, 1);
    for (let round = 0; round < 5; round++) {
      const unary = await postBytes(url, "application/json", { "content-encoding": "gzip" }, small);
      expect(unary.status).toBe(429);
      const headers = { "grpc-encoding": "gzip" };
      await postBytes(url, "application/grpc", headers, Buffer.concat([envelope, small]));
      expect(await callLine(2 * round + 1)).toMatchObject({ code: "resource_exhausted" });
    }

    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1_048_576);
  });

  test("should be refused when they only claim to be large, and cost no memory", async () => {
    const { url, callLine } = await startWire();
    const before = process.memoryUsage().arrayBuffers;
    const claim = Buffer.from([0, 0xb2, 0xd0, 0x5e, 0]);

    for (const [n, type] of ["application/grpc", "application/grpc-web"].entries()) {
      await postBytes(url, type, {}, claim);
      expect(await callLine(n)).toMatchObject({ code: "resource_exhausted", bytesIn: 5 });
    }

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * 1_048_576);
  });
});

test("should end the handler of a stream whose client stops reading and goes", async () => {
  let ended = false;
  const { port, callLine } = await startWire({
    async *list() {
      try {
        for (;;) yield { data: new Uint8Array(50_000) };
      } finally {
        ended = true;
      }
    },
  });
  const socket = dial(port);
  const body = Buffer.from([0, 0, 0, 0, 2, 0x7b, 0x7d]);
  const head =
    "POST /wire.test.Notes/List HTTP/1.1\r\nhost: x\r\ncontent-type: application/connect+json";
  socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n`);
  socket.write(body);
  await once(socket, "data");
  socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(ended).toBe(false);
  socket.destroy();

  await vi.waitFor(() => expect(ended).toBe(true));
  expect(await callLine()).toMatchObject({ code: "canceled" });
});

test("should outlive a client that resets its streams as fast as it opens them", async () => {
  const { url, port } = await startWire({ say: () => new Promise(() => {}) });
  const client = await connectRaw(port);
  const cancel = Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]);
  for (let stream = 1; stream < 8_000 && !client.socket.destroyed; stream += 2) {
    client.post(stream, sayPath, "application/grpc");
    client.send(frameType.reset, 0, stream, cancel);
  }

  expect((await postJson(url, "Read", { text: "still here" })).status).toBe(200);
});

interface Sent {
  readonly status: number | undefined;
  readonly body: unknown;
  readonly localPort: number | undefined;
}

async function send(agent: Agent, url: string, body: string, lengthKnown: boolean): Promise<Sent> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (lengthKnown) headers["content-length"] = String(body.length);
  const call = request(`${url}${sayPath}`, { agent, method: "POST", headers });
  if (!lengthKnown) call.flushHeaders();
  call.end(body);
  const [response] = (await once(call, "response")) as [IncomingMessage];
  const localPort = response.socket.localPort;
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, body: JSON.parse(text), localPort };
}

async function postBytes(
  url: string,
  contentType: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer<ArrayBuffer>,
): Promise<Response> {
  const response = await fetch(`${url}${sayPath}`, {
    method: "POST",
    headers: { "content-type": contentType, ...headers },
    body,
  });
  await response.arrayBuffer();
  return response;
}
