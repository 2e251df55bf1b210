import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Notes } from "../wire/support/contract.ts";
import { connectRaw, flag, type Frame, frameType } from "../wire/support/frames.ts";
import { postJson, startWire, transportFor } from "../wire/support/server.ts";

/** A handler that holds its calls until it is told to let them go. */
function holding() {
  let reached = (): void => {};
  let release = (): void => {};
  const running = new Promise<void>((resolve) => (reached = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  const say = async (): Promise<{ text: string }> => {
    reached();
    await released;
    return { text: "done" };
  };
  return { say, running, release: () => release() };
}

const sayPath = "/wire.test.Notes/Say";
const emptyMessage = Buffer.alloc(5);

test("should let a running call finish, and count nothing as cut", async () => {
  const { say, running, release } = holding();
  const { wire, url } = await startWire({ say });
  const call = postJson(url, "Say", {});
  await running;

  const drained = wire.drain(30_000);
  expect(wire.drain(1)).toBe(drained);
  await setImmediate();
  release();

  const response = await call;
  expect(response.headers.get("connection")).toBe("close");
  expect(await response.json()).toMatchObject({ text: "done" });
  expect(await drained).toEqual({ cut: 0 });
});

test("should not take new connections, nor be ready, once it drains", async () => {
  const { say, running, release } = holding();
  const { wire, url, port } = await startWire({ say });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  expect((await get(`${url}/readyz`, agent)).statusCode).toBe(200);
  const held = postJson(url, "Say", {});
  await running;

  const drained = wire.drain(30_000);

  // On the connection that was there before.
  const late = await get(`${url}/readyz`, agent);
  expect(late.statusCode).toBe(503);
  expect(late.headers["connection"]).toBe("close");
  const [error] = await once(connect(port, "127.0.0.1"), "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
  release();
  await held;
  await drained;
});

test("should close an idle connection, but answer what arrives on it within the grace", async () => {
  const { wire, port } = await startWire();
  const idle = connect(port, "127.0.0.1");
  const late = connect(port, "127.0.0.1");
  await Promise.all([once(idle, "connect"), once(late, "connect")]);
  let answer = "";
  late.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  for (const socket of [idle, late]) socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
  await Promise.all([once(idle, "data"), vi.waitFor(() => expect(answer).toContain('"ok"'))]);
  answer = "";

  const closed = [once(idle, "close"), once(late, "close")];
  const drained = wire.drain(30_000);
  late.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");

  expect(await drained).toEqual({ cut: 0 });
  await Promise.all(closed);
  expect(answer).toContain('{"status":"ok"}');
  expect(answer).toMatch(/connection: close/i);
});

test("should give notice to HTTP/2 clients, and answer streams that come in spite of it", async () => {
  const { wire, port } = await startWire();
  const client = await connectRaw(port);
  client.post(1, sayPath, "application/grpc");
  client.send(frameType.data, flag.endStream, 1, emptyMessage);
  await client.received(frameType.headers, 1, flag.endStream);

  const drained = wire.drain(30_000);
  const notice = await client.received(frameType.goAway, 0);
  expect(notice.payload.readUInt32BE(0)).toBe(2 ** 31 - 1);
  client.post(3, sayPath, "application/grpc");
  client.send(frameType.data, flag.endStream, 3, emptyMessage);
  await client.received(frameType.headers, 3, flag.endStream);

  expect(await drained).toEqual({ cut: 0 });
  const last = client.frames.findLast(({ type }) => type === frameType.goAway);
  expect(last?.payload.readUInt32BE(0)).toBe(3);
});

test("should tell calls that last too long that it is unavailable, and count them", async () => {
  const { wire, url, callLine } = await startWire({
    say: () => new Promise(() => {}),
    async *list() {
      yield { number: 1 };
      await new Promise(() => {});
    },
  });
  const client = createClient(Notes, transportFor("grpc", url));
  const unary = postJson(url, "Say", {});
  const stream = client.list({})[Symbol.asyncIterator]();
  await stream.next();

  expect(await wire.drain(50)).toEqual({ cut: 2 });

  expect((await unary).status).toBe(503);
  await expect(stream.next()).rejects.toThrow("[unavailable] the server is shutting down");
  expect(await callLine(0)).toMatchObject({ code: "unavailable" });
  expect(await callLine(1)).toMatchObject({ code: "unavailable" });
});

test("should not wait for connections that say nothing, or half of something", async () => {
  const { wire, port } = await startWire();
  const sockets = ["", "PR", "GET / HT", "PRI * HTTP/2.0\r\n\r\n"].map((said) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(said);
    return socket;
  });
  const closed = sockets.map((socket) => once(socket.resume(), "close"));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  await sleep(20);

  expect(await wire.drain(30_000)).toEqual({ cut: 0 });
  await Promise.all(closed);
});

test("should cut a client that does not read its answer", async () => {
  let ended = false;
  const { wire, port } = await startWire({
    async *list() {
      try {
        for (;;) yield { data: new Uint8Array(50_000) };
      } finally {
        ended = true;
      }
    },
  });
  const client = await connectRaw(port);
  client.post(1, "/wire.test.Notes/List", "application/grpc");
  client.send(frameType.data, flag.endStream, 1, emptyMessage);
  await client.received(frameType.data, 1);

  expect(await wire.drain(50)).toEqual({ cut: 1 });

  await vi.waitFor(() => expect(ended).toBe(true));
});

describe("under load", () => {
  test("should drop no call of HTTP/1.1 clients", async () => {
    const { wire, url, lines } = await startWire({ say: slowly });
    let answered = 0;
    const clients = Array.from({ length: 20 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      onTestFinished(() => agent.destroy());
      for (;;) {
        try {
          await post(`${url}${sayPath}`, agent);
          answered++;
        } catch (error) {
          // The connection was closed as announced, and a new one is not to be had.
          if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") return;
          throw error;
        }
      }
    });
    await vi.waitFor(() => expect(answered).toBeGreaterThan(200), { timeout: 20_000 });

    expect(await wire.drain(30_000)).toEqual({ cut: 0 });
    await Promise.all(clients);
    expect(lines.filter(({ code }) => code === "ok")).toHaveLength(answered);
    expect(lines.filter(({ code }) => code !== "ok")).toEqual([]);
  });

  test("should drop no call of HTTP/2 clients", async () => {
    const { wire, url, lines } = await startWire({ say: slowly });
    let answered = 0;
    const clients = Array.from({ length: 5 }, async () => {
      const session = connectHttp2(url);
      onTestFinished(() => session.destroy());
      await once(session, "connect");
      const callers = Array.from({ length: 20 }, async () => {
        // A session that got the notice opens no more streams.
        while (!session.closed) {
          const call = session.request({
            ":method": "POST",
            ":path": sayPath,
            "content-type": "application/grpc",
          });
          call.end(emptyMessage).resume();
          try {
            const [trailers] = await once(call, "trailers");
            expect(trailers["grpc-status"]).toBe("0");
            answered++;
          } catch (error) {
            // The client itself refuses what it has not sent when the notice comes.
            if (call.rstCode !== constants.NGHTTP2_REFUSED_STREAM) throw error;
          }
        }
      });
      await Promise.all(callers);
    });
    await vi.waitFor(() => expect(answered).toBeGreaterThan(500), { timeout: 20_000 });

    expect(await wire.drain(30_000)).toEqual({ cut: 0 });
    await Promise.all(clients);
    expect(lines.filter(({ code }) => code === "ok")).toHaveLength(answered);
    expect(lines.filter(({ code }) => code !== "ok")).toEqual([]);
  });

  test("should drop no call of HTTP/2 clients that send on for a while after the notice", async () => {
    const { wire, port, lines } = await startWire({ say: slowly });
    let sent = 0;
    let answered = 0;
    const resets: Frame[] = [];
    const clients = await Promise.all(
      Array.from({ length: 5 }, async () => {
        let stream = -1;
        let left = Infinity;
        const client = await connectRaw(port, (frame) => {
          if (frame.type === frameType.reset) resets.push(frame);
          // From now on it sends this many, as if the notice were still on its way.
          if (frame.type === frameType.goAway) left = Math.min(left, 30);
          if (frame.type !== frameType.headers || (frame.flags & flag.endStream) === 0) return;
          answered++;
          call();
        });
        function call(): void {
          if (left-- <= 0) return;
          stream += 2;
          sent++;
          client.post(stream, sayPath, "application/grpc");
          client.send(frameType.data, flag.endStream, stream, emptyMessage);
        }
        for (let n = 0; n < 10; n++) call();
        return client;
      }),
    );
    await vi.waitFor(() => expect(answered).toBeGreaterThan(500), { timeout: 20_000 });
    const closed = clients.map(({ socket }) => once(socket, "close"));

    expect(await wire.drain(30_000)).toEqual({ cut: 0 });
    await Promise.all(closed);
    expect(resets).toEqual([]);
    expect(answered).toBe(sent);
    expect(lines.filter(({ code }) => code === "ok")).toHaveLength(sent);
    expect(lines.filter(({ code }) => code !== "ok")).toEqual([]);
  });
});

async function slowly(): Promise<{ text: string }> {
  await sleep(Math.random() * 5);
  return { text: "x".repeat(3_000) };
}

async function get(url: string, agent: Agent): Promise<IncomingMessage> {
  const [response] = (await once(request(url, { agent }).end(), "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response;
}

async function post(url: string, agent: Agent): Promise<void> {
  const headers = { "content-type": "application/json" };
  const call = request(url, { agent, method: "POST", headers }).end("{}");
  const [response] = (await once(call, "response")) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  response.resume();
  await once(response, "end");
}

test("should not cut off an answer that its client has yet to take", async () => {
  const data = Buffer.alloc(6 * 1_048_576, 120);
  const { wire, port, callLine } = await startWire({ say: () => ({ data }) });
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write(
    "POST /wire.test.Notes/Say HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" +
      "content-length: 2\r\n\r\n{}",
  );
  // What is read is the beginning; the rest fills what there is between the two.
  await once(socket, "readable");

  const drained = wire.drain(30_000);
  await sleep(1_000);
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => (bytes += chunk.byteLength));
  await once(socket, "close");

  expect(bytes).toBeGreaterThan((data.byteLength * 4) / 3);
  expect(await drained).toEqual({ cut: 0 });
  expect(await callLine()).toMatchObject({ code: "ok" });
});
