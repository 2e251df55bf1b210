import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { summaryOf } from "../../../src/wire/openapi/summary.ts";
import { addOpenApi } from "../../../src/wire/openapi/openapi.ts";
import { createWireServer } from "../../../src/wire/server.ts";
import { Notes } from "../support/contract.ts";
import { testOptions } from "../support/server.ts";
import { documentOfMapper } from "./support/mapping.ts";

const document = documentOfMapper();
const path = (method: string) => document["paths"]?.[`/wire.mapping.Mapper/${method}`];

test("should be valid OpenAPI 3.1", async () => {
  const validator = new Validator();

  expect(await validator.validate(document)).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
});

test("should say whose API it is", () => {
  const info = {
    title: "Mapper",
    version: "2",
    description: "Maps.",
    license: { name: "Apache 2.0", identifier: "Apache-2.0" },
  };

  expect(documentOfMapper({ info })["info"]).toEqual({
    ...info,
    description: expect.stringMatching(/^Maps\.\n\nEach method is a POST of JSON/),
  });
});

test("should have a tag for each service, which names its streams", () => {
  expect(document["tags"]).toEqual([
    {
      name: "wire.mapping.Mapper",
      description: `Maps everything. It has no other use.

A second paragraph.

Not described here are its streams, which take a client of Connect, gRPC or gRPC-Web:

- \`Watch\` (the server streams)`,
    },
  ]);
  expect(path("Watch")).toBeUndefined();
});

test("should have a POST for each unary method, with its comment", () => {
  expect(path("Echo")).toMatchObject({
    post: {
      operationId: "wire.mapping.Mapper.Echo",
      tags: ["wire.mapping.Mapper"],
      summary: 'Echoes what it gets, e.g. a "Sample"',
      description: 'Echoes what it gets, e.g. a "Sample". Then it forgets.\n\nIt never fails.',
      parameters: [
        { $ref: "#/components/parameters/ConnectProtocolVersion" },
        { $ref: "#/components/parameters/ConnectTimeoutMs" },
        { $ref: "#/components/parameters/RequestId" },
      ],
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: { $ref: "#/components/schemas/wire.mapping.Sample-Input" },
          },
        },
      },
      responses: {
        "200": {
          description: "A message with a field of each kind.",
          content: {
            "application/json": {
              schema: { $ref: "#/components/schemas/wire.mapping.Sample-Output" },
            },
          },
        },
        default: { $ref: "#/components/responses/Error" },
      },
    },
  });
  expect(path("Echo")).not.toHaveProperty("get");
  expect(path("Echo")?.["post"]).not.toHaveProperty("deprecated");
  expect(path("Reset")?.["post"]).toMatchObject({ deprecated: true });
});

test("should have a GET for a method without side effects", () => {
  const { get, post } = path("Find") ?? {};
  const request = { $ref: "#/components/schemas/wire.mapping.FindRequest" };

  expect(post).toMatchObject({ summary: "Looks something up" });
  expect(post).not.toHaveProperty("description");
  expect(get).toMatchObject({
    operationId: "wire.mapping.Mapper.Find.get",
    responses: post?.["responses"],
    parameters: [
      {
        name: "message",
        in: "query",
        required: true,
        schema: { type: "string", contentMediaType: "application/json", contentSchema: request },
      },
      { name: "encoding", in: "query", required: true, schema: { const: "json" } },
      { name: "connect", in: "query", schema: { const: "v1" } },
      { $ref: "#/components/parameters/ConnectTimeoutMs" },
      { $ref: "#/components/parameters/RequestId" },
    ],
  });
  expect(get).not.toHaveProperty("requestBody");
});

test("should tell which status stands for which codes", () => {
  expect(document["components"]?.["responses"]?.["Error"]).toMatchObject({
    description: expect.stringContaining("\n- 409: `already_exists`, `aborted`\n- 429: `resource_"),
    content: { "application/json": { schema: { $ref: "#/components/schemas/connect.Error" } } },
  });
});

test.each([
  ["", ""],
  ["Logs one view. When it is on disk, answers.", "Logs one view"],
  ["Takes e.g. one,\ni.e. two. Then more.", "Takes e.g. one, i.e. two"],
  ["Says hello: the first call to try.", "Says hello: the first call to try"],
  ["Is it there? Tells so.", "Is it there?"],
  ["No full stop\n\nMore.", "No full stop"],
])("should take from the comment %j its summary", (comment, summary) => {
  expect(summaryOf(comment)).toBe(summary);
});

test("should describe the services of a server without an image, at /openapi.json", async () => {
  const wire = await createWireServer(testOptions([]));
  const info = { title: "Notes", version: "1" };
  addOpenApi(wire.fastify, { services: wire.services, info, allowUnknownFields: false });
  const answered = await wire.fastify.inject("/openapi.json");
  await wire.drain(0);

  expect(answered.statusCode).toBe(200);
  expect(answered.headers["content-type"]).toMatch(/^application\/json/);
  const served = answered.json();
  expect(Object.keys(served.paths)).toEqual(
    Notes.methods
      .filter(({ methodKind }) => methodKind === "unary")
      .map(({ name }) => `/wire.test.Notes/${name}`),
  );
  expect(await new Validator().validate(served)).toEqual({ valid: true });
});
