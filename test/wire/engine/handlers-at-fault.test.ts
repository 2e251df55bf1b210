import { once } from "node:events";
import { connect } from "node:http2";
import { Code, ConnectError, createClient, type ServiceImpl } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Notes } from "../support/contract.ts";
import { Notes as NotesService } from "../support/contract.ts";
import { postJson, protocols, startWire, transportFor } from "../support/server.ts";

/** Headers that a handler which copies what it got from elsewhere may set. */
const foreign = {
  connection: "keep-alive",
  "content-length": "7",
  "content-type": "text/html",
  "content-encoding": "br",
  "keep-alive": "timeout=5",
  te: "gzip",
  trailer: "x",
  "transfer-encoding": "chunked",
  upgrade: "h2c",
  "x-own": "kept",
};

const setForeign = (headers: Headers): void => {
  for (const [name, value] of Object.entries(foreign)) headers.set(name, value);
};

describe.each(protocols)("over %s", (protocol) => {
  async function start(handlers: Partial<ServiceImpl<typeof Notes>>) {
    const started = await startWire(handlers);
    return { ...started, client: createClient(NotesService, transportFor(protocol, started.url)) };
  }

  test("should send of a handler's headers those that are its to set", async () => {
    const { client } = await start({
      say: (note, context) => {
        setForeign(context.responseHeader);
        setForeign(context.responseTrailer);
        return note;
      },
    });
    let own: string | null = null;

    const answer = await client.say(
      { text: "hello" },
      { onHeader: (headers) => (own = headers.get("x-own")) },
    );

    expect(answer.text).toBe("hello");
    expect(own).toBe("kept");
  });

  test("should send an error whose metadata came from elsewhere", async () => {
    const { client } = await start({
      say: () => {
        throw new ConnectError("no", Code.NotFound, foreign);
      },
      // oxlint-disable-next-line require-yield
      async *list() {
        throw new ConnectError("no", Code.NotFound, foreign);
      },
    });

    await expect(client.say({})).rejects.toMatchObject({ code: Code.NotFound, rawMessage: "no" });
    await expect(readAll(client.list({}))).rejects.toMatchObject({ code: Code.NotFound });
  });

  test("should send a message with half a surrogate pair", async () => {
    const { client } = await start({
      say: () => {
        throw new ConnectError("half \ud800", Code.NotFound);
      },
    });

    await expect(client.say({})).rejects.toMatchObject({
      code: Code.NotFound,
      rawMessage: expect.stringMatching(/^half /),
    });
  });

  test("should tell of what cannot be sent, or written to the log, as internal", async () => {
    const thrown: unknown[] = [
      Object.freeze(new Error("frozen")),
      "no error at all",
      undefined,
      Object.assign(new ConnectError("details", Code.NotFound), { details: undefined }),
    ];
    const { client } = await start({
      say: ({ number }) => {
        throw thrown[number];
      },
    });

    for (const number of thrown.keys()) {
      await expect(client.say({ number })).rejects.toMatchObject({ code: Code.Internal });
    }
  });

  test("should end a stream whose iterator does not keep to the rules", async () => {
    const rogue = (iterator: object): never =>
      ({ [Symbol.asyncIterator]: () => iterator }) as unknown as never;
    const { client } = await start({
      list: ({ text }) =>
        rogue({
          next: () => {
            if (text === "next throws") throw new Error("next");
            return text === "no result" ? Promise.resolve() : new Promise(() => {});
          },
          return: () => {
            throw new Error("return");
          },
        }),
    });

    for (const text of ["next throws", "no result"]) {
      await expect(readAll(client.list({ text }))).rejects.toMatchObject({ code: Code.Internal });
    }
    await expect(readAll(client.list({ text: "late" }, { timeoutMs: 50 }))).rejects.toBeInstanceOf(
      ConnectError,
    );
  });
});

test("should refuse CONNECT, which has no path", async () => {
  const { url } = await startWire();
  const session = connect(url);
  onTestFinished(() => session.destroy());
  const request = session.request({ ":method": "CONNECT", ":authority": "example.org:443" });
  request.on("error", () => {});
  const [headers] = await once(request, "response");

  expect(headers[":status"]).toBe(405);
  expect((await postJson(url, "Say", {})).status).toBe(200);
});

test("should send every cookie of a handler's trailers", async () => {
  const { url } = await startWire({
    say: (note, { responseTrailer }) => {
      responseTrailer.append("set-cookie", "a=1");
      responseTrailer.append("set-cookie", "b=2");
      return note;
    },
  });
  const session = connect(url);
  onTestFinished(() => session.destroy());
  const call = session.request({
    ":method": "POST",
    ":path": "/wire.test.Notes/Say",
    "content-type": "application/grpc",
  });
  call.end(Buffer.alloc(5));
  call.resume();
  const [trailers] = await once(call, "trailers");

  expect(trailers["set-cookie"]).toEqual(["a=1", "b=2"]);
});

test("should send the beginning of a message that is too long for trailers", async () => {
  const { url } = await startWire({
    say: () => {
      throw new ConnectError("long ".repeat(20_000), Code.NotFound);
    },
  });
  const client = createClient(NotesService, transportFor("grpc", url));

  await expect(client.say({})).rejects.toMatchObject({
    code: Code.NotFound,
    rawMessage: expect.stringMatching(/^(?:long ){800}/),
  });
});

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
