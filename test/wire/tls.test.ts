import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { request as requestTls } from "node:https";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createWireServer } from "../../src/wire/server.ts";
import type { ConnectionLimits } from "../../src/wire/limits.ts";
import { Notes } from "./support/contract.ts";
import { authority, client, intruder, renewed, server } from "./support/pki.ts";
import { startWire, testOptions, type TestWire } from "./support/server.ts";

const startTls = (limits: Partial<ConnectionLimits> = {}): Promise<TestWire> =>
  startWire({}, { tls: server }, limits);

const startMutual = (): Promise<TestWire> =>
  startWire({}, { tls: { ...server, clientCa: authority } });

/** Resolves with all that came when the connection is closed, by whomever and however. */
async function everything(socket: Socket): Promise<string> {
  let said = "";
  socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
  socket.on("error", () => {});
  await new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
  return said;
}

function dial(port: number, said: string | Buffer): Socket {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.write(said);
  socket.on("end", () => socket.end());
  return socket;
}

function dialTls(port: number, options: ConnectionOptions = {}): TLSSocket {
  const socket = connectTls({ port, host: "localhost", ca: authority, ...options });
  onTestFinished(() => void socket.destroy());
  return socket;
}

test("should answer calls over HTTP/2 and HTTP/1.1 on the same port", async () => {
  const { url } = await startTls();
  expect(url).toMatch(/^https:/);
  const nodeOptions = { ca: authority };

  for (const transport of [
    createGrpcTransport({ baseUrl: url, nodeOptions }),
    createConnectTransport({ baseUrl: url, nodeOptions, httpVersion: "2" }),
    createConnectTransport({
      baseUrl: url,
      httpVersion: "1.1",
      nodeOptions: { ...nodeOptions, agent: undefined },
    }),
  ]) {
    const notes = createClient(Notes, transport);
    expect((await notes.say({ text: "safe" })).text).toBe("safe");
    const listed = await collect(notes.list({ number: 3 }));
    expect(listed.map(({ number }) => number)).toEqual([0, 1, 2]);
  }
});

test.each([
  [["h2", "http/1.1"], "h2"],
  [["http/1.1"], "http/1.1"],
  [["h2"], "h2"],
])("should choose from %s the protocol %s", async (ALPNProtocols, chosen) => {
  const { port } = await startTls();
  const socket = dialTls(port, { ALPNProtocols });

  await once(socket, "secureConnect");

  expect(socket.alpnProtocol).toBe(chosen);
});

test("should speak HTTP/1.1 with a client that names no protocol", async () => {
  const { port } = await startTls();
  const socket = dialTls(port);
  socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");

  expect(await everything(socket)).toContain("HTTP/1.1 200 OK");
});

test("should refuse versions of TLS before 1.2, and take 1.2", async () => {
  const { port } = await startTls();
  const old = dialTls(port, {
    minVersion: "TLSv1.1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  await expect(once(old, "secureConnect")).rejects.toThrow(/protocol version/i);

  const socket = dialTls(port, { maxVersion: "TLSv1.2" });
  await once(socket, "secureConnect");
  expect(socket.getProtocol()).toBe("TLSv1.2");
});

test("should forget its connections when they are closed", async () => {
  const { wire, port } = await startTls();
  const sockets = Array.from({ length: 5 }, (_, n) =>
    dialTls(port, { ALPNProtocols: n % 2 === 0 ? ["h2"] : ["http/1.1"] }),
  );
  await Promise.all(sockets.map((socket) => once(socket, "secureConnect")));
  for (const socket of sockets) socket.destroy();

  // It would wait for connections that it has not forgotten.
  expect(await wire.drain(30_000)).toEqual({ cut: 0 });
});

test("should drain without losing a call", async () => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let reached = (): void => {};
  const running = new Promise<void>((resolve) => (reached = resolve));
  const { wire, url } = await startWire(
    {
      say: async () => {
        reached();
        await released;
        return { text: "done" };
      },
    },
    { tls: server },
  );
  const session = connectHttp2(url, { ca: authority });
  onTestFinished(() => session.destroy());
  const call = session.request({
    ":method": "POST",
    ":path": "/wire.test.Notes/Say",
    "content-type": "application/json",
  });
  call.end("{}");
  await running;

  const drained = wire.drain(30_000);
  await once(session, "goaway");
  release();

  const [headers] = await once(call, "response");
  expect(headers[":status"]).toBe(200);
  call.resume();
  expect(await drained).toEqual({ cut: 0 });
});

test("should drop no call of HTTP/2 clients while it drains under load", async () => {
  const { wire, url, lines } = await startTls();
  let answered = 0;
  const clients = Array.from({ length: 5 }, async () => {
    const session = connectHttp2(url, { ca: authority });
    onTestFinished(() => session.destroy());
    await once(session, "connect");
    const callers = Array.from({ length: 20 }, async () => {
      // A session that was told to go opens no more streams.
      while (!session.closed) {
        const call = session.request({
          ":method": "POST",
          ":path": "/wire.test.Notes/Say",
          "content-type": "application/grpc",
        });
        call.end(Buffer.alloc(5)).resume();
        try {
          const [trailers] = await once(call, "trailers");
          expect(trailers["grpc-status"]).toBe("0");
          answered++;
        } catch (error) {
          // What came too late was not begun, and its client knows that.
          if (call.rstCode !== constants.NGHTTP2_REFUSED_STREAM) throw error;
        }
      }
    });
    await Promise.all(callers);
  });
  await vi.waitFor(() => expect(answered).toBeGreaterThan(500), { timeout: 20_000 });

  expect(await wire.drain(30_000)).toEqual({ cut: 0 });
  await Promise.all(clients);
  const codes = lines.filter(({ msg }) => msg === "call").map(({ code }) => code);
  expect(codes.filter((code) => code !== "ok")).toEqual([]);
  expect(codes).toHaveLength(answered);
});

describe("clients that speak something else", () => {
  test("should be told in HTTP/1.1 to use https", async () => {
    const { port, lines } = await startTls();
    const agent = new Agent();
    onTestFinished(() => agent.destroy());
    const call = request({ port, host: "127.0.0.1", agent, path: "/healthz", method: "POST" });
    call.end("x".repeat(100_000));
    call.on("error", () => {});

    const [response] = (await once(call, "response")) as [IncomingMessage];

    expect(response.statusCode).toBe(400);
    let body = "";
    for await (const chunk of response) body += String(chunk);
    expect(JSON.parse(body)).toEqual({
      code: "invalid_argument",
      message: "this port speaks TLS: use https",
    });
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 30,
        msg: "connection cut",
        reason: "it speaks no TLS, which this port does",
        peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      }),
    );
  });

  test("should be closed when they begin HTTP/2 in cleartext", async () => {
    const { port } = await startTls();

    expect(await everything(dial(port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))).toBe("");
  });

  test("should be logged when their handshake fails", async () => {
    const { port, lines } = await startTls();

    await everything(dial(port, Buffer.from("160301000501000001ff", "hex")));

    await vi.waitFor(() =>
      expect(lines).toContainEqual(
        expect.objectContaining({
          msg: "connection cut",
          reason: expect.stringContaining("the TLS handshake failed"),
        }),
      ),
    );
  });

  test("should be closed when their handshake does not go on", async () => {
    const { port, lines } = await startTls({ handshakeMs: 100 });

    await everything(dial(port, Buffer.from("1603010200010001fc", "hex")));

    await vi.waitFor(() =>
      expect(lines).toContainEqual(
        expect.objectContaining({ reason: "the TLS handshake took too long" }),
      ),
    );
  });

  test("should get an alert when they begin TLS where there is none", async () => {
    const { port, lines } = await startWire();
    const socket = dialTls(port);

    await expect(once(socket, "secureConnect")).rejects.toMatchObject({
      code: expect.stringContaining("ALERT_HANDSHAKE_FAILURE"),
    });
    expect(lines).toContainEqual(
      expect.objectContaining({ reason: "it speaks TLS, which this port does not" }),
    );
  });
});

describe("with an authority for clients", () => {
  test("should answer clients whose certificate it signed", async () => {
    const { port } = await startMutual();
    const call = requestTls({
      port,
      host: "localhost",
      path: "/healthz",
      ca: authority,
      ...client,
    });
    call.end();

    const [response] = (await once(call, "response")) as [IncomingMessage];

    expect(response.statusCode).toBe(200);
    response.resume();
  });

  test.each([
    ["without a certificate", {}, "the client has no certificate"],
    ["with a certificate of another authority", intruder, "the client's certificate is refused"],
  ])("should refuse clients %s, and answer them nothing", async (_, identity, reason) => {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const { port, lines } = await startMutual();
      const socket = dialTls(port, { ...identity, maxVersion });
      socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");

      expect(await everything(socket)).toBe("");
      await vi.waitFor(() =>
        expect(lines).toContainEqual(
          expect.objectContaining({ reason: expect.stringContaining(reason) }),
        ),
      );
    }
  });
});

test.each([
  [
    "a key that is not that of the certificate",
    { cert: server.cert, key: renewed.key },
    "tls.key: this is not the key of tls.cert",
  ],
  [
    "a certificate that is none",
    { cert: "none", key: server.key },
    "tls.cert: this is not a certificate in PEM format",
  ],
  ["a key that is none", { cert: server.cert, key: "none" }, "tls.key: this is not a private key"],
  [
    "an authority that is none",
    { ...server, clientCa: "none" },
    "tls.clientCa: this is not a certificate",
  ],
])("should not start with %s", async (_, tls, message) => {
  await expect(createWireServer({ ...testOptions([]), tls })).rejects.toThrow(message);
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
