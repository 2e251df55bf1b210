import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "../../gen/google/rpc/error_details_pb.js";
import type { PublicError } from "../../src/wire/errors.ts";
import { rpcOptions, type WireOptions } from "../../src/wire/server.ts";
import { type Note, Notes } from "./support/contract.ts";
import {
  type Line,
  postJson,
  protocols,
  requestIdKey,
  startWire,
  testOptions,
  transportFor,
} from "./support/server.ts";

/** An error that the application knows. */
class Known extends Error {
  readonly publicForm: PublicError;
  constructor(publicForm: Partial<PublicError>) {
    super("what only the log may see");
    this.publicForm = {
      code: "not_found",
      message: "there is no such note",
      reason: "NOTE_NOT_FOUND",
      metadata: {},
      violations: [],
      retryAfterMs: undefined,
      ...publicForm,
    };
  }
}

const describeError: WireOptions["describeError"] = (error) =>
  error instanceof Known ? error.publicForm : undefined;

async function failureOf(
  start: () => Promise<unknown> | AsyncIterable<unknown>,
): Promise<ConnectError> {
  try {
    const call = start();
    if (call instanceof Promise) await call;
    else for await (const _ of call);
  } catch (error) {
    return ConnectError.from(error);
  }
  throw new Error("the call did not fail");
}

describe.each(protocols)("over %s", (protocol) => {
  test("should tell a known error with its code, message and details", async () => {
    const fail = (): never => {
      throw new Known({
        metadata: { note: "7" },
        violations: [{ field: "text", description: "There is no such note." }],
        retryAfterMs: 1_500,
      });
    };
    const { url, lines, callLine } = await startWire({ say: fail, list: fail }, { describeError });
    const client = createClient(Notes, transportFor(protocol, url));

    for (const call of [() => client.say({}), () => client.list({})]) {
      const error = await failureOf(call);
      expect(error.code).toBe(Code.NotFound);
      expect(error.rawMessage).toBe("there is no such note");
      expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
        { reason: "NOTE_NOT_FOUND", domain: "marquee", metadata: { note: "7" } },
      ]);
      expect(error.findDetails(BadRequestSchema)).toMatchObject([
        { fieldViolations: [{ field: "text", description: "There is no such note." }] },
      ]);
      expect(error.findDetails(RetryInfoSchema)).toMatchObject([
        { retryDelay: { seconds: 1n, nanos: 500_000_000 } },
      ]);
    }
    expect(await callLine(0)).toMatchObject({ code: "not_found" });
    expect(await callLine(1)).toMatchObject({ code: "not_found" });
    expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  test("should tell an unknown error as internal, and log its cause under the request id", async () => {
    const fail = (): never => {
      throw new Error("the disk said no");
    };
    const { url, lines, callLine } = await startWire({ say: fail, list: fail }, { describeError });
    const client = createClient(Notes, transportFor(protocol, url));

    const headers = { "x-request-id": "call-1" };
    for (const call of [() => client.say({}, { headers }), () => client.list({}, { headers })]) {
      const error = await failureOf(call);
      expect(error.code).toBe(Code.Internal);
      expect(error.rawMessage).toBe("internal error (request id call-1)");
      expect(error.details).toEqual([]);
    }
    expect(await callLine(1)).toMatchObject({ code: "internal", requestId: "call-1" });
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([
      { rpc: "/wire.test.Notes/Say", requestId: "call-1", err: { message: "the disk said no" } },
      { rpc: "/wire.test.Notes/List", requestId: "call-1", err: { message: "the disk said no" } },
    ]);
  });

  test("should name every violation of a request, before the handler runs", async () => {
    let handled = 0;
    const handle = (): never => {
      handled++;
      throw new Error("not reached");
    };
    const { url, callLine } = await startWire(
      {
        say: handle,
        list: handle,
        collect: async (notes) => {
          for await (const _ of notes) handled++;
          return {};
        },
      },
      {
        violations: (schema, request) => [
          { field: "text", description: `Wrong in ${schema.typeName}.` },
          {
            field: "number",
            description: `Not ${(request as unknown as { number: number }).number}.`,
          },
        ],
      },
    );
    const client = createClient(Notes, transportFor(protocol, url));

    async function* one() {
      yield { number: 3 };
    }
    const calls = [
      () => client.say({ number: 3 }),
      () => client.list({ number: 3 }),
      () => client.collect(one()),
    ];
    for (const call of calls) {
      const error = await failureOf(call);
      expect(error.code).toBe(Code.InvalidArgument);
      expect(error.rawMessage).toBe("text: Wrong in wire.test.Note.; number: Not 3.");
      expect(error.findDetails(BadRequestSchema)[0]?.fieldViolations).toMatchObject([
        { field: "text", description: "Wrong in wire.test.Note." },
        { field: "number", description: "Not 3." },
      ]);
    }
    expect(handled).toBe(0);
    expect(await callLine(2)).toMatchObject({ code: "invalid_argument" });
  });

  test("should map what authentication throws, before the body is read", async () => {
    const { url, callLine } = await startWire(
      {},
      {
        describeError,
        authenticate: async (context) => {
          if (context.requestHeader.get("authorization") === null) {
            throw new Known({ code: "unauthenticated", message: "who are you?", reason: "NO_KEY" });
          }
        },
      },
    );
    const client = createClient(Notes, transportFor(protocol, url));

    for (const call of [() => client.say({}), () => client.list({})]) {
      const error = await failureOf(call);
      expect(error.code).toBe(Code.Unauthenticated);
      expect(error.rawMessage).toBe("who are you?");
      expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "NO_KEY" }]);
    }
    expect(await callLine()).toMatchObject({ code: "unauthenticated", bytesIn: 0 });
    const headers = { authorization: "me" };
    expect((await client.say({ number: 1 }, { headers })).number).toBe(1);
  });
});

test("should refuse a JSON field that the contract does not have, and name it", async () => {
  const { url } = await startWire();

  const response = await postJson(url, "Say", { txt: "hello" });

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    code: "invalid_argument",
    message: "txt: wire.test.Note has no such field.",
  });
});

test("should ignore such a field when that is allowed", async () => {
  const { url } = await startWire({}, { allowUnknownFields: true });

  const response = await postJson(url, "Say", { txt: "hello", number: 1 });

  expect(await response.json()).toEqual({ text: "", number: 1, data: "" });
});

test.each(["application/proto", "application/grpc", "application/grpc-web"])(
  "should call a message that cannot be parsed an invalid argument, as %s",
  async (contentType) => {
    const { url, callLine } = await startWire();
    const message = Buffer.from([0x0a, 0x7f, 0x61]);
    const envelope = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);

    const response = await fetch(`${url}/wire.test.Notes/Say`, {
      method: "POST",
      headers: { "content-type": contentType },
      body: contentType === "application/proto" ? message : envelope,
    });
    await response.arrayBuffer();

    expect(await callLine()).toMatchObject({ code: "invalid_argument" });
  },
);

test("should call a body an invalid argument that says it is gzip and is not", async () => {
  const { url } = await startWire();

  const headers = { "content-encoding": "gzip" };
  const response = await postJson(url, "Say", { text: "not zipped" }, headers);

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "invalid_argument" });
});

test("should not show what went wrong when an answer cannot be written", async () => {
  const { url, lines } = await startWire({ say: () => ({ text: 7 }) as never });

  const response = await postJson(url, "Say", {}, { "x-request-id": "call-2" });

  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    code: "internal",
    message: "internal error (request id call-2)",
  });
  expect(lines.filter(({ level }) => level === 50)).toHaveLength(1);
});

test("should pass an error of another service on, unless that is internal itself", async () => {
  const codes = [Code.ResourceExhausted, Code.Unknown];
  const { url } = await startWire({
    say: ({ number }) => {
      throw new ConnectError("from elsewhere", codes[number]);
    },
  });

  expect(await (await postJson(url, "Say", { number: 0 })).json()).toEqual({
    code: "resource_exhausted",
    message: "from elsewhere",
  });
  expect(await (await postJson(url, "Say", { number: 1 })).json()).toMatchObject({
    code: "internal",
    message: expect.stringMatching(/^internal error/),
  });
});

test("should let errors see what the deadline throws, and the deadline cover validation", async () => {
  const order: string[] = [];
  const { url } = await startWire(
    { say: () => void order.push("handler") as never },
    {
      authenticate: () => void order.push("authenticate"),
      violations: () => {
        order.push("validation");
        throw new Known({ message: "validation failed" });
      },
      describeError: (error) => {
        order.push("errors");
        return describeError(error);
      },
    },
  );

  const response = await postJson(url, "Say", {});

  expect(await response.json()).toMatchObject({ message: "validation failed" });
  expect(order).toEqual(["authenticate", "validation", "errors"]);
});

test("should treat calls within the process the same, without a line of their own", async () => {
  const lines: Line[] = [];
  const options: WireOptions = {
    ...testOptions(lines),
    describeError,
    deadlineMs: 20,
    violations: (_schema, request) =>
      request.$unknown === undefined && (request as Note).number < 0
        ? [{ field: "number", description: "Negative." }]
        : [],
  };
  const ids: string[] = [];
  const transport = createRouterTransport(
    (router) =>
      router.service(Notes, {
        say: (_, { values }) => {
          ids.push(values.get(requestIdKey));
          throw new Known({});
        },
        read: () => new Promise(() => {}),
      }),
    { router: rpcOptions(options) },
  );
  const client = createClient(Notes, transport);

  const known = await failureOf(() => client.say({}, { headers: { "x-request-id": "call-3" } }));
  expect(known.findDetails(ErrorInfoSchema)).toHaveLength(1);
  expect(ids).toEqual(["call-3"]);
  expect((await failureOf(() => client.say({ number: -1 }))).code).toBe(Code.InvalidArgument);
  expect((await failureOf(() => client.read({}))).code).toBe(Code.DeadlineExceeded);
  expect(lines).toEqual([]);
});
