import {
  create,
  createFileRegistry,
  fromBinary,
  type DescMessage,
  type DescService,
  type JsonObject,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { FastifyInstance } from "fastify";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "../../../gen/google/rpc/error_details_pb.js";
import { addDocument } from "../document.ts";
import { describedFiles } from "../reflection/described-files.ts";
import { errorSchemas } from "./failures.ts";
import { describeMessages, type Use } from "./messages.ts";
import { pathItem, sharedComponents, tagOf } from "./operations.ts";
import { paragraphs } from "./schema.ts";

/** What an OpenAPI document is made of. */
export interface OpenApiOptions {
  readonly services: readonly DescService[];
  /**
   * A google.protobuf.FileDescriptorSet, from which the files of the services
   * are taken if it has them, with their comments. Default: none; generated code
   * has descriptors, without comments.
   */
  readonly descriptors?: Uint8Array;
  readonly info: {
    readonly title: string;
    /** Of the API. */
    readonly version: string;
    /** In CommonMark. What JSON is like here is said after it. */
    readonly description?: string;
    /** `identifier` is that of SPDX. */
    readonly license?: { readonly name: string; readonly identifier: string };
  };
  /** Whether JSON requests may have fields that the contract does not. */
  readonly allowUnknownFields: boolean;
}

/** Serves GET /openapi.json: the document, made at the first request. */
export function addOpenApi(fastify: FastifyInstance, options: OpenApiOptions): void {
  addDocument(fastify, "/openapi.json", {
    contentType: "application/json",
    make: () => Buffer.from(JSON.stringify(openApiDocument(options))),
  });
}

/**
 * Describes in OpenAPI 3.1 what a wire server takes and answers as plain JSON:
 * the unary methods, by Connect's protocol and ProtoJSON's mapping. Streams are
 * named in the descriptions of their services only: OpenAPI has no way to say
 * that each message has a prefix of five bytes.
 *
 * @throws Error if `descriptors` is not a FileDescriptorSet.
 */
export function openApiDocument(options: OpenApiOptions): JsonObject {
  const { info, descriptors } = options;
  const set =
    descriptors === undefined
      ? create(FileDescriptorSetSchema)
      : fromBinary(FileDescriptorSetSchema, descriptors);
  const file = [...describedFiles(options.services, set)];
  // Descriptors of generated code have no comments: all are found again by name.
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  const services = options.services.map(
    (service) => registry.getService(service.typeName) ?? service,
  );
  const details = knownDetails.map((detail) => registry.getMessage(detail.typeName) ?? detail);

  const methods = services
    .flatMap((service) => service.methods)
    .filter((method) => method.methodKind === "unary");
  const uses = [
    ...methods.flatMap(({ input, output }): Use[] => [
      { message: input, form: "request" },
      { message: output, form: "response" },
    ]),
    ...details.map((message): Use => ({ message, form: "detail" })),
  ];
  const { allowUnknownFields } = options;
  const schemas = describeMessages(uses, { allowUnknownFields });
  const paths = methods.map((method) => [
    `/${method.parent.typeName}/${method.name}`,
    pathItem(method, schemas),
  ]);
  const shared = sharedComponents();
  return {
    openapi: "3.1.0",
    info: {
      title: info.title,
      version: info.version,
      description: paragraphs(info.description ?? "", conventions(allowUnknownFields)),
      ...(info.license !== undefined && { license: { ...info.license } }),
    },
    servers: [{ url: "/" }],
    tags: services.map((service) => tagOf(service)),
    paths: Object.fromEntries(paths) as JsonObject,
    components: {
      ...shared,
      schemas: { ...schemas.components, ...errorSchemas(details, schemas), ...shared.schemas },
    },
  };
}

/** What the wire tells of errors: see errors.ts. */
const knownDetails: readonly DescMessage[] = [ErrorInfoSchema, BadRequestSchema, RetryInfoSchema];

function conventions(allowUnknownFields: boolean): string {
  const unknown = allowUnknownFields
    ? "fields that a message does not have are ignored"
    : "fields that a message does not have are refused";
  return `Each method is a POST of JSON, and a GET too if it changes nothing: the unary calls of [Connect's protocol](https://connectrpc.com/docs/protocol). Streams take a client of Connect, gRPC or gRPC-Web, on the same port.

JSON is that of [Protocol Buffers](https://protobuf.dev/programming-guides/json/). In requests, fields may be left out or null, which stands for their defaults; ${unknown}. In answers, fields are left out only where they are absent. 64-bit integers are strings, in requests numbers too. Numbers that are not finite are the strings "NaN", "Infinity" and "-Infinity", which the schemas do not mention.`;
}
