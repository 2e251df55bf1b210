import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { Code } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test } from "vitest";
import { envelope } from "../../src/wire/engine/answers.ts";
import { answerOf, callJson, connectSession, open } from "./support/raw-calls.ts";
import { postJson, startWire } from "../wire/support/server.ts";

const deadlineExceeded = String(Code.DeadlineExceeded);

/** A request over HTTP/1.1 of which the body is still to come. */
function begin(port: number, method: string, type: string, headers = {}): ClientRequest {
  const call = request({
    port,
    method: "POST",
    path: `/wire.test.Notes/${method}`,
    headers: { "content-type": type, ...headers },
  });
  call.on("error", () => {});
  onTestFinished(() => void call.destroy());
  return call;
}

async function bodyOf(call: ClientRequest): Promise<string> {
  const [response] = (await once(call, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return body;
}

/** Writes a byte now and then until the call is over. */
function trickle(stream: { write(bytes: Buffer): unknown; destroyed: boolean }): void {
  const timer = setInterval(() => {
    if (!stream.destroyed) stream.write(Buffer.from([0x20]));
  }, 10);
  onTestFinished(() => clearInterval(timer));
}

describe("a message that comes too slowly", () => {
  const limits = { messageMs: 100, checkMs: 20 };
  const prefix = Buffer.from([0, 0, 0, 0xff, 0]);

  test("should end its stream over HTTP/2, though it still comes", async () => {
    const { port, callLine } = await startWire({}, {}, limits);
    const stream = open(connectSession(port), "Chat", "application/grpc");
    const answer = answerOf(stream);
    stream.write(prefix);
    trickle(stream);

    expect((await answer).grpcStatus).toBe(deadlineExceeded);
    expect(await callLine()).toMatchObject({ code: "deadline_exceeded" });
  });

  test("should end its stream over HTTP/1.1, though it still comes", async () => {
    const { port, callLine } = await startWire({}, {}, limits);
    const call = begin(port, "Collect", "application/connect+json");
    call.write(prefix);
    trickle(call);

    expect(await bodyOf(call)).toContain("the message took too long to arrive");
    expect(await callLine()).toMatchObject({ code: "deadline_exceeded" });
  });

  test("should not be one that waits for the handler, nor a stream that says nothing", async () => {
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    const { port } = await startWire(
      {
        async collect(notes) {
          await gate;
          let number = 0;
          for await (const note of notes) number += note.text.length;
          return { number };
        },
      },
      {},
      limits,
    );
    const session = connectSession(port);
    const idle = open(session, "Chat", "application/grpc+json");
    const held = open(session, "Collect", "application/grpc+json");
    const answers = [answerOf(idle), answerOf(held)];
    const message = envelope(0, Buffer.from(JSON.stringify({ text: "x".repeat(50_000) })));
    // More than what is taken before the handler reads; the last one stays half-way.
    for (let n = 0; n < 10; n++) held.write(message);
    await sleep(400);
    go();
    held.end();
    idle.end(envelope(0, Buffer.from("{}")));

    for (const answer of await Promise.all(answers)) {
      expect(answer.grpcStatus).toBe("0");
    }
  });
});

describe("a deadline that passes while the body is coming", () => {
  test("should be told over HTTP/2", async () => {
    const { port } = await startWire();
    const headers = { "grpc-timeout": "50m" };
    const stream = open(connectSession(port), "Say", "application/grpc", headers);
    const answer = answerOf(stream);
    stream.write(Buffer.from([0, 0, 0, 0xff, 0]));
    trickle(stream);

    expect((await answer).grpcStatus).toBe(deadlineExceeded);
  });

  test.each([
    ["of the client", { "connect-timeout-ms": "50" }, {}],
    ["of the server", {}, { deadlineMs: 50 }],
  ])("should be told over HTTP/1.1, if it is that %s", async (_, headers, options) => {
    const { port } = await startWire({}, options);
    const call = begin(port, "Say", "application/json", headers);
    call.write("{");
    trickle(call);

    expect(JSON.parse(await bodyOf(call))).toMatchObject({ code: "deadline_exceeded" });
  });
});

describe("a client that reads nothing", () => {
  test("should lose its stream, with a line in the log, and not its connection", async () => {
    let made = 0;
    let isEnded = false;
    const { port, lines } = await startWire(
      {
        async *list() {
          try {
            for (;;) {
              made++;
              yield { data: new Uint8Array(16_384) };
            }
          } finally {
            isEnded = true;
          }
        },
      },
      {},
      { unreadMs: 200, checkMs: 20 },
    );
    const session = connectSession(port, { settings: { initialWindowSize: 0 } });
    const stream = open(session, "List", "application/grpc");
    const answer = answerOf(stream);
    stream.end(envelope(0, new Uint8Array()));

    expect((await answer).reset).not.toBe(0);
    expect(isEnded).toBe(true);
    expect(made).toBeLessThan(10);
    const cuts = lines.filter(({ msg }) => msg === "call cut");
    expect(cuts).toMatchObject([
      { rpc: "/wire.test.Notes/List", reason: "the client reads nothing" },
    ]);
    expect(session.closed).toBe(false);
  });

  test("should lose the answer of a unary call, too", async () => {
    const { port, callLine } = await startWire({}, {}, { unreadMs: 200, checkMs: 20 });
    const session = connectSession(port, { settings: { initialWindowSize: 0 } });
    const stream = open(session, "Say", "application/grpc");
    const answer = answerOf(stream);
    stream.end(envelope(0, new Uint8Array()));
    // An empty answer needs five bytes of a window that has none.
    expect((await answer).reset).not.toBe(0);
    expect(await callLine()).toMatchObject({ code: "canceled" });
  });

  test("should keep its stream if it only is slow", async () => {
    const { port } = await startWire({}, {}, { unreadMs: 1_000, checkMs: 20 });
    const stream = open(connectSession(port), "List", "application/grpc+json");
    stream.end(envelope(0, Buffer.from(JSON.stringify({ number: 6_000, text: "x".repeat(200) }))));
    const answer = answerOf(stream);
    stream.on("data", () => {
      stream.pause();
      setTimeout(() => stream.resume(), 10);
    });
    const begun = performance.now();

    expect((await answer).grpcStatus).toBe("0");
    expect(performance.now() - begun).toBeGreaterThan(1_000);
  });
});

describe("JSON", () => {
  const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;

  test.each([true, false])(
    "should be refused when it is nested too deep (unknown fields allowed: %s)",
    async (allowUnknownFields) => {
      const { url } = await startWire({}, { allowUnknownFields, maxMessageBytes: 4_194_304 });
      for (const body of [deep, deep.replace("1", ""), `{"text":${"[".repeat(4_000_000)}`]) {
        const response = await postJson(url, "Say", body);
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({
          code: "invalid_argument",
          message: "the message is nested deeper than the 100 levels allowed",
        });
      }
    },
  );

  test.each([
    ["a key", `{"${"x".repeat(4_000_000)}":1}`],
    ["a key that comes twice", `{"${"x".repeat(1_000_000)}":1,"${"x".repeat(1_000_000)}":1}`],
    ["a value", `{"number":"${"1".repeat(4_000_000)}"}`],
    ["a string without an end", `{"text":"${"\\n".repeat(2_000_000)}`],
    ["what is no JSON", "x".repeat(4_000_000)],
  ])("should get a short answer however long %s is", async (_, body) => {
    const { url } = await startWire({}, { maxMessageBytes: 4_194_304 });

    const response = await postJson(url, "Say", body);

    expect(response.status).toBe(400);
    expect((await response.text()).length).toBeLessThan(3_000);
  });
});

describe("messages of a stream that are compressed", () => {
  const json = (number: number): Buffer =>
    Buffer.from(JSON.stringify({ number, text: "x".repeat(number % 2 === 0 ? 0 : 50_000) }));

  test("should keep their order among those that are not", async () => {
    const { port } = await startWire();
    const headers = { "grpc-encoding": "gzip", "grpc-accept-encoding": "identity" };
    const stream = open(connectSession(port), "Chat", "application/grpc+json", headers);
    const answer = answerOf(stream);
    for (let n = 0; n < 60; n++) {
      stream.write(n % 3 === 0 ? envelope(1, gzipSync(json(n))) : envelope(0, json(n)));
    }
    stream.end();

    const { grpcStatus, body } = await answer;
    const numbers = [...body.toString().matchAll(/"number":(\d+)/g)].map(([, n]) => Number(n));
    expect(grpcStatus).toBe("0");
    // Zero is left out, or is not, as it is in JSON.
    expect(numbers.slice(-59)).toEqual(Array.from({ length: 59 }, (_, n) => n + 1));
  });

  test("should be forgotten when the stream is canceled among them", async () => {
    let read = 0;
    const { port, callLine } = await startWire({
      async *chat(notes) {
        for await (const note of notes) {
          read++;
          yield note;
        }
      },
    });
    const session = connectSession(port);
    const stream = open(session, "Chat", "application/grpc+json", { "grpc-encoding": "gzip" });
    for (let n = 0; n < 2_000; n++) stream.write(envelope(1, gzipSync(json(1))));
    await once(stream, "data");
    stream.close(8);

    expect(await callLine()).toMatchObject({ code: "canceled" });
    const before = read;
    expect((await callJson(session, "Say", { text: "hello" })).json).toMatchObject({
      text: "hello",
    });
    expect(read).toBe(before);
  });

  test("should be refused if the headers name no compression", async () => {
    const { port } = await startWire();
    const stream = open(connectSession(port), "Chat", "application/grpc+json");
    const answer = answerOf(stream);
    stream.end(envelope(1, gzipSync(json(1))));

    expect((await answer).grpcStatus).toBe(String(Code.Internal));
  });
});
