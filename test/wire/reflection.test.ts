import { create, createFileRegistry, type DescMethodUnary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, type Transport } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test } from "vitest";
import { createHealth } from "../../src/wire/health/health.ts";
import { createReflection, type Reflection } from "../../src/wire/reflection/reflection.ts";
import { run } from "../support/run.ts";
import { askOnce, converse, filesOf, pathsOf, symbol, versions } from "./support/reflect.ts";
import type { Question } from "./support/reflect.ts";
import { startWire, transportFor } from "./support/server.ts";
import { imageOfShelf, shelfComment, shelfRoutes } from "./support/shelf.ts";

async function startReflected(
  reflection: Reflection = createReflection({ descriptors: imageOfShelf() }),
): Promise<{ url: string; transport: Transport }> {
  const { url } = await startWire(
    {},
    {
      routes: (router) => {
        reflection.addTo(router);
        shelfRoutes(router);
        createHealth().addTo(router);
      },
    },
  );
  return { url, transport: transportFor("grpc", url) };
}

describe.each(versions)("reflection %s", (version, service) => {
  test("should list the services that are served, sorted", async () => {
    const { transport } = await startReflected();

    const { messageResponse } = await askOnce(
      transport,
      { messageRequest: { case: "listServices", value: "*" } },
      service,
    );

    expect(messageResponse.case).toBe("listServicesResponse");
    expect(messageResponse.value).toMatchObject({
      service: [
        { name: "Pinger" },
        { name: "grpc.health.v1.Health" },
        { name: "grpc.reflection.v1.ServerReflection" },
        { name: "grpc.reflection.v1alpha.ServerReflection" },
        { name: "wire.shelf.Shelf" },
      ],
    });
  });

  test.each(["grpc", "grpc-web over HTTP/2", "connect over HTTP/2"] as const)(
    "should tell enough over %s to call a service, and its comments",
    async (protocol) => {
      const { url } = await startReflected();
      const transport = transportFor(protocol, url);

      const file = filesOf(await askOnce(transport, symbol("wire.shelf.Shelf"), service));

      expect(file[0]?.sourceCodeInfo?.location[0]?.leadingComments).toBe(shelfComment);
      // A registry wants imports first.
      const set = create(FileDescriptorSetSchema, { file: file.toReversed() });
      const registry = createFileRegistry(set);
      const take = registry.getService("wire.shelf.Shelf")?.method["take"] as DescMethodUnary;
      const book = { cover: { case: "cloth", value: "red" }, page: { text: "Once" } };
      const answered = await transport.unary(take, undefined, undefined, undefined, book);
      expect(answered.message).toMatchObject(book);
    },
  );

  test("should echo the host and the request", async () => {
    const { transport } = await startReflected();
    const question: Question = { ...symbol("Pinger"), host: "example.org" };

    const response = await askOnce(transport, question, service);

    expect(response.validHost).toBe("example.org");
    expect(response.originalRequest).toMatchObject(question);
    expect(response.$typeName).toBe(`grpc.reflection.${version}.ServerReflectionResponse`);
  });
});

test.each([
  ["a service", "wire.shelf.Shelf"],
  ["a method", "wire.shelf.Shelf.Take"],
  ["a message", "wire.shelf.Book"],
  ["a message in a message", "wire.shelf.Book.Page"],
  ["a field", "wire.shelf.Book.cloth"],
  ["a field in a message in a message", "wire.shelf.Book.Page.text"],
  ["a oneof", "wire.shelf.Book.cover"],
  ["an enum", "wire.shelf.Genre"],
  ["a value of an enum, which stands beside it", "wire.shelf.CRIME"],
  ["an enum in a message", "wire.shelf.Book.Kind"],
  ["a value of an enum in a message", "wire.shelf.Book.NOVEL"],
  ["an extension", "wire.shelf.note"],
  ["an extension in a message", "wire.shelf.Book.place"],
])("should find the file of %s", async (_, name) => {
  const { transport } = await startReflected();

  expect(pathsOf(await askOnce(transport, symbol(name)))).toEqual([
    "wire/shelf.proto",
    "wire/base.proto",
  ]);
});

test.each(["Pinger", "Pinger.Send", "Ping", "Ping.text"])(
  "should find the file of %s, which has no package",
  async (name) => {
    const { transport } = await startReflected();

    expect(pathsOf(await askOnce(transport, symbol(name)))).toEqual(["pinger.proto"]);
  },
);

test("should find a file by its path", async () => {
  const { transport } = await startReflected();
  const question: Question = {
    messageRequest: { case: "fileByFilename", value: "wire/shelf.proto" },
  };

  expect(pathsOf(await askOnce(transport, question))).toEqual([
    "wire/shelf.proto",
    "wire/base.proto",
  ]);
});

test("should find extensions", async () => {
  const { transport } = await startReflected();
  const extension: Question = {
    messageRequest: {
      case: "fileContainingExtension",
      value: { containingType: "wire.base.Base", extensionNumber: 101 },
    },
  };
  const numbers = async (value: string) => {
    const question: Question = { messageRequest: { case: "allExtensionNumbersOfType", value } };
    return (await askOnce(transport, question)).messageResponse.value;
  };

  expect(pathsOf(await askOnce(transport, extension))[0]).toBe("wire/shelf.proto");
  expect(await numbers("wire.base.Base")).toMatchObject({
    baseTypeName: "wire.base.Base",
    extensionNumber: [100, 101],
  });
  expect(await numbers("wire.shelf.Book")).toMatchObject({ extensionNumber: [] });
});

test.each<[string, NonNullable<Question["messageRequest"]>]>([
  ["a path", { case: "fileByFilename", value: "wire/none.proto" }],
  ["the path of a file that no service needs", { case: "fileByFilename", value: "stranger.proto" }],
  ["a symbol", { case: "fileContainingSymbol", value: "wire.shelf.None" }],
  ["a symbol that every object has", { case: "fileContainingSymbol", value: "constructor" }],
  ["a package", { case: "fileContainingSymbol", value: "wire.shelf" }],
  [
    "an enum's value as its child",
    { case: "fileContainingSymbol", value: "wire.shelf.Genre.CRIME" },
  ],
  ["a symbol of 60,000 characters", { case: "fileContainingSymbol", value: "é".repeat(30_000) }],
  [
    "an extension",
    {
      case: "fileContainingExtension",
      value: { containingType: "wire.base.Base", extensionNumber: 102 },
    },
  ],
  ["a type", { case: "allExtensionNumbersOfType", value: "wire.base.None" }],
])("should say that %s does not exist, and go on", async (_, messageRequest) => {
  const { transport } = await startReflected();
  const conversation = converse(transport);

  const response = await conversation.ask({ messageRequest });

  expect(response?.messageResponse).toMatchObject({
    case: "errorResponse",
    value: {
      errorCode: Code.NotFound,
      errorMessage: expect.stringMatching(/^there is no .{5,400}$/),
    },
  });
  expect(pathsOf(await conversation.ask(symbol("Ping")))).toEqual(["pinger.proto"]);
  conversation.hangUp();
});

test("should say that it does not know a request for nothing, and go on", async () => {
  const { transport } = await startReflected();
  const conversation = converse(transport);

  expect((await conversation.ask({}))?.messageResponse).toMatchObject({
    case: "errorResponse",
    value: { errorCode: Code.Unimplemented },
  });
  expect(pathsOf(await conversation.ask(symbol("Ping")))).toEqual(["pinger.proto"]);
  conversation.hangUp();
});

test("should send a file as an import only once on a stream, but always if it is asked for", async () => {
  const { transport } = await startReflected();
  const conversation = converse(transport);
  const paths = async (name: string) => pathsOf(await conversation.ask(symbol(name)));

  expect(await paths("wire.base.Base")).toEqual(["wire/base.proto"]);
  expect(await paths("wire.shelf.Book")).toEqual(["wire/shelf.proto"]);
  expect(await paths("wire.base.Base")).toEqual(["wire/base.proto"]);
  conversation.hangUp();
  expect(await conversation.next()).toMatchObject({ done: true });

  const another = await askOnce(transport, symbol("wire.shelf.Book"));
  expect(pathsOf(another)).toEqual(["wire/shelf.proto", "wire/base.proto"]);
});

test("should answer many requests on a stream, each in its turn", async () => {
  const { transport } = await startReflected();
  const conversation = converse(transport);
  const names = ["wire.shelf.Book", "Ping", "wire.base.Base"];

  for (let i = 0; i < 500; i++) {
    const name = names[i % 3] as string;
    const response = await conversation.ask({ ...symbol(name), host: String(i) });
    expect(response?.validHost).toBe(String(i));
    expect(filesOf(response)).toHaveLength(i === 0 ? 2 : 1);
  }
  conversation.hangUp();
  expect(await conversation.next()).toMatchObject({ done: true });
});

test("should leave out of a file what an image has besides", async () => {
  const { transport } = await startReflected();

  const [file] = filesOf(await askOnce(transport, symbol("Ping")));

  expect(file?.$unknown ?? []).toEqual([]);
});

test("should describe services by their generated code if it gets no descriptors", async () => {
  const { transport } = await startReflected(createReflection());

  const [file, imported] = filesOf(await askOnce(transport, symbol("wire.shelf.Shelf")));

  expect(file).toMatchObject({ name: "wire/shelf.proto", package: "wire.shelf" });
  expect(file?.sourceCodeInfo).toBeUndefined();
  expect(imported?.name).toBe("wire/base.proto");
});

test("should describe the details of errors", async () => {
  const { transport } = await startReflected();

  expect(pathsOf(await askOnce(transport, symbol("google.rpc.BadRequest")))).toEqual([
    "google/rpc/error_details.proto",
    "google/protobuf/duration.proto",
  ]);
});

test("should refuse descriptors that are none", () => {
  expect(() => createReflection({ descriptors: Buffer.from("hello") })).toThrow(/wire/);
});

test("should end the streams that wait, and answer those that come once, when the server stops", async () => {
  const reflection = createReflection();
  const { transport } = await startReflected(reflection);
  const silent = converse(transport);
  const talked = converse(transport);
  onTestFinished(() => {
    silent.hangUp();
    talked.hangUp();
  });
  await talked.ask(symbol("Ping"));

  reflection.end();

  expect(await talked.next()).toMatchObject({ done: true });
  for (const conversation of [silent, converse(transport)]) {
    expect(pathsOf(await conversation.ask(symbol("Ping")))).toEqual(["pinger.proto"]);
    expect(await conversation.next()).toMatchObject({ done: true });
    conversation.hangUp();
  }
});

test.each(["grpc", "grpcweb", "connect"])(
  "should be all that buf curl needs to call over %s",
  async (protocol) => {
    const { url } = await startReflected();
    const curl = (method: string, request: object) =>
      run(
        "node_modules/.bin/buf",
        ...["curl", "--protocol", protocol, "--http2-prior-knowledge"],
        ...["-d", JSON.stringify(request), `${url}/${method}`],
      );

    const book = { cloth: "red", page: { text: "Once" } };
    const taken = await curl("wire.shelf.Shelf/Take", book);
    expect(taken.stderr).toBe("");
    expect(JSON.parse(taken.stdout)).toEqual(book);
    expect(JSON.parse((await curl("Pinger/Send", { text: "hi" })).stdout)).toEqual({ text: "hi" });
    expect(await curl("Pinger/Receive", {})).not.toMatchObject({ code: 0 });
  },
);
