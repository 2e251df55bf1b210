import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { connect, constants } from "node:http2";
import { type IncomingMessage, request } from "node:http";
import { once } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Notes } from "./support/contract.ts";
import { connectRaw, frameType } from "./support/frames.ts";
import { protocols, startWire, transportFor } from "./support/server.ts";

/** A handler that ignores its signal and never ends. */
const forever = (): Promise<never> => new Promise(() => {});

async function codeOf(call: Promise<unknown> | AsyncIterable<unknown>): Promise<Code> {
  try {
    if (call instanceof Promise) await call;
    else for await (const _ of call);
  } catch (error) {
    return ConnectError.from(error).code;
  }
  throw new Error("the call did not fail");
}

function timeout(protocol: string, forGrpc: string, forConnect: string): Record<string, string> {
  return protocol.startsWith("grpc")
    ? { "grpc-timeout": forGrpc }
    : { "connect-timeout-ms": forConnect };
}

describe.each(protocols)("over %s", (protocol) => {
  test("should end a unary call at the default deadline, though its handler goes on", async () => {
    const { url, callLine } = await startWire({ say: forever }, { deadlineMs: 30 });
    const client = createClient(Notes, transportFor(protocol, url));

    expect(await codeOf(client.say({}))).toBe(Code.DeadlineExceeded);
    expect(await callLine()).toMatchObject({ code: "deadline_exceeded" });
  });

  test("should abort the handler's signal, and take what it rethrows for the deadline", async () => {
    const seen: unknown[] = [];
    const { url, lines } = await startWire(
      {
        say: (_, { signal, timeoutMs }) => {
          seen.push(timeoutMs());
          return new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              reject(new Error("the query failed", { cause: signal.reason }));
            });
          });
        },
      },
      { deadlineMs: 30 },
    );
    const client = createClient(Notes, transportFor(protocol, url));

    expect(await codeOf(client.say({}))).toBe(Code.DeadlineExceeded);
    expect(seen[0]).toBeLessThanOrEqual(30);
    expect(lines.filter(({ level }) => level === 50)).toEqual([]);
  });

  test("should end a stream at its client's deadline, and let its handler clean up", async () => {
    let cleanedUp = false;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const { url, callLine } = await startWire(
      {
        async *list() {
          try {
            yield { number: 1 };
            await held;
            yield { number: 2 };
            await forever();
          } finally {
            cleanedUp = true;
          }
        },
      },
      { deadlineMs: 1 },
    );
    // The deadline is told in a header, so that the client's own does not end the call first.
    const client = createClient(Notes, transportFor(protocol, url));
    const headers = {
      [protocol.startsWith("grpc") ? "grpc-timeout" : "connect-timeout-ms"]: protocol.startsWith(
        "grpc",
      )
        ? "50m"
        : "50",
    };

    expect(await codeOf(client.list({}, { headers }))).toBe(Code.DeadlineExceeded);
    expect(await callLine()).toMatchObject({ code: "deadline_exceeded" });
    release();
    await vi.waitFor(() => expect(cleanedUp).toBe(true));
  });

  test("should end a call whose handler waits for a request that does not come", async () => {
    const { url } = await startWire();
    const client = createClient(Notes, transportFor(protocol, url));
    const headers = {
      [protocol.startsWith("grpc") ? "grpc-timeout" : "connect-timeout-ms"]: protocol.startsWith(
        "grpc",
      )
        ? "50m"
        : "50",
    };
    async function* silence() {
      yield { number: 1 };
      await forever();
    }

    expect(await codeOf(client.collect(silence(), { headers }))).toBe(Code.DeadlineExceeded);
  });

  test("should serve a call whose client allows more time than a timer can wait", async () => {
    const { url } = await startWire({ say: async (note) => note });
    const client = createClient(Notes, transportFor(protocol, url));
    const headers = {
      [protocol.startsWith("grpc") ? "grpc-timeout" : "connect-timeout-ms"]: protocol.startsWith(
        "grpc",
      )
        ? "99999999H"
        : "9999999999",
    };

    expect((await client.say({ number: 5 }, { headers })).number).toBe(5);
  });

  test("should refuse a deadline that is none", async () => {
    const { url } = await startWire();
    const client = createClient(Notes, transportFor(protocol, url));
    const headers = timeout(protocol, "soon", "soon");

    expect(await codeOf(client.say({}, { headers }))).toBe(Code.InvalidArgument);
  });

  test("should abort the handler when its client goes away, and log the call as canceled", async () => {
    let reached = (): void => {};
    const running = new Promise<void>((resolve) => (reached = resolve));
    let aborted = false;
    const { url, lines, callLine } = await startWire({
      say: async (_, { signal }) => {
        signal.addEventListener("abort", () => (aborted = true));
        reached();
        return forever();
      },
    });
    const client = createClient(Notes, transportFor(protocol, url));
    const abort = new AbortController();
    const call = codeOf(client.say({}, { signal: abort.signal }));
    await running;
    abort.abort();

    expect(await call).toBe(Code.Canceled);
    expect(await callLine()).toMatchObject({ code: "canceled" });
    expect(aborted).toBe(true);
    expect(lines.filter(({ level }) => level === 50)).toEqual([]);
  });
});

test("should end a call over HTTP/1.1 whose body does not arrive", async () => {
  const { url, callLine } = await startWire({}, { deadlineMs: 50 });
  const call = request(`${url}/wire.test.Notes/Say`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": "100" },
  });
  onTestFinished(() => void call.destroy());
  call.on("error", () => {});
  call.write('{"te');

  const [response] = (await once(call, "response")) as [IncomingMessage];

  expect(response.statusCode).toBe(504);
  expect(await callLine()).toMatchObject({ code: "deadline_exceeded", bytesIn: 4 });
});

test("should end a call over HTTP/2 whose body does not arrive", async () => {
  const { url, callLine } = await startWire({}, { deadlineMs: 50 });
  const session = connect(url);
  onTestFinished(() => session.destroy());
  const call = session.request({
    ":method": "POST",
    ":path": "/wire.test.Notes/Say",
    "content-type": "application/grpc",
  });
  call.write(Buffer.from([0, 0, 0]));
  call.resume();

  const closed = once(call, "close");
  const [headers] = await once(call, "response");

  expect(headers["grpc-status"]).toBe("4");
  expect(await callLine()).toMatchObject({ code: "deadline_exceeded", bytesIn: 3 });
  await closed;
  expect(call.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
});

test("should not take a stream that its client cut off for one that ended", async () => {
  const ends: string[] = [];
  const { port, callLine } = await startWire({
    collect: async (notes) => {
      try {
        for await (const _ of notes) ends.push("a note");
        ends.push("the end");
      } catch {
        ends.push("cut off");
      }
      return {};
    },
  });
  const client = await connectRaw(port);
  client.post(1, "/wire.test.Notes/Collect", "application/grpc");
  client.send(frameType.data, 0, 1, Buffer.from([0, 0, 0, 0, 0]));
  await vi.waitFor(() => expect(ends).toEqual(["a note"]));
  client.send(frameType.reset, 0, 1, Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]));

  await vi.waitFor(() => expect(ends).toHaveLength(2));
  expect(ends[1]).toBe("cut off");
  expect(await callLine()).toMatchObject({ code: "canceled" });
});
