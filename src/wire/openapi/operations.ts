import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { requestIdHeader } from "../request-id.ts";
import { commentOf } from "../reflection/comments.ts";
import { summaryOf } from "./summary.ts";
import { errorResponse } from "./failures.ts";
import type { Schemas } from "./messages.ts";
import { described, paragraphs, reference, type Schema } from "./schema.ts";

/** What operations refer to, by the kinds of components. */
export function sharedComponents(): {
  readonly schemas: Record<string, Schema>;
  readonly parameters: Record<string, Schema>;
  readonly headers: Record<string, Schema>;
  readonly responses: Record<string, Schema>;
} {
  return {
    schemas: { "connect.ProtocolVersion": { type: "string", enum: ["1"] } },
    parameters: {
      ConnectProtocolVersion: {
        name: "Connect-Protocol-Version",
        in: "header",
        description:
          "The version of Connect's protocol that the client speaks. It may be left out.",
        // By reference, so that generators make one type of it, not one for each operation.
        schema: reference("schemas", "connect.ProtocolVersion"),
      },
      ConnectTimeoutMs: {
        name: "Connect-Timeout-Ms",
        in: "header",
        description:
          "How long the call may take, in milliseconds; after that it fails with `deadline_exceeded`. Default: what the server is set to.",
        schema: { type: "integer", format: "int64", minimum: 0, maximum: 9_999_999_999 },
      },
      RequestId: {
        name: requestIdHeader,
        in: "header",
        description:
          "A name for this call in the server's log. Default, also for what is no such name: one that the server makes up.",
        schema: { type: "string", pattern: "^[!-~]{1,128}$" },
      },
    },
    headers: {
      RequestId: {
        description: "The call's name in the server's log.",
        schema: { type: "string" },
      },
    },
    responses: { Error: errorResponse(answerHeaders) },
  };
}

const callHeaders = ["ConnectTimeoutMs", "RequestId"].map((name) => reference("parameters", name));
const answerHeaders: Schema = { [requestIdHeader]: reference("headers", "RequestId") };

/** The path of a unary method: a POST, and a GET too if it changes nothing. */
export function pathItem(method: DescMethod, schemas: Schemas): Schema {
  const { input, output, parent } = method;
  const id = `${parent.typeName}.${method.name}`;
  const request = schemas.of({ message: input, form: "request" });
  const response = schemas.of({ message: output, form: "response" });
  const comment = commentOf(method);
  const common: Schema = {
    tags: [parent.typeName],
    ...saidOf(comment),
    ...((method.deprecated || parent.deprecated) && { deprecated: true }),
  };
  const responses: Schema = {
    "200": {
      description: paragraphs(commentOf(output)) || "The call succeeded.",
      headers: answerHeaders,
      content: { "application/json": { schema: response } },
    },
    default: reference("responses", "Error"),
  };
  const post: Schema = {
    ...common,
    operationId: id,
    parameters: [reference("parameters", "ConnectProtocolVersion"), ...callHeaders],
    requestBody: { required: true, content: { "application/json": { schema: request } } },
    responses,
  };
  if (method.idempotency !== Idempotency.NO_SIDE_EFFECTS) return { post };
  const get: Schema = {
    ...common,
    operationId: `${id}.get`,
    parameters: [...queryParameters(request), ...callHeaders],
    responses,
  };
  return { get, post };
}

/** The first sentence, and the whole comment if there is more of it. */
function saidOf(comment: string): Schema {
  const summary = summaryOf(comment);
  if (summary === "") return {};
  const isAll = comment.replaceAll(/\s+/g, " ").length <= summary.length + 1;
  return isAll ? { summary } : { summary, description: comment };
}

/**
 * The parameters of Connect's GET. The message is described as a text that has
 * JSON in it, which is what it is: of parameters with a media type, some
 * generators make nothing at all.
 */
function queryParameters(request: Schema): Schema[] {
  return [
    {
      name: "message",
      in: "query",
      required: true,
      description: "The request, as JSON.",
      schema: { type: "string", contentMediaType: "application/json", contentSchema: request },
    },
    {
      name: "encoding",
      in: "query",
      required: true,
      description: "How the message is encoded.",
      schema: { type: "string", const: "json" },
    },
    {
      name: "connect",
      in: "query",
      description: "The version of Connect's protocol. It may be left out.",
      schema: { type: "string", const: "v1" },
    },
  ];
}

/** What is said of a service: its comment, and what it has besides the operations. */
export function tagOf(service: DescService): Schema {
  const streams = service.methods
    .filter(({ methodKind }) => methodKind !== "unary")
    .map(({ name, methodKind }) => `- \`${name}\` (${kinds[methodKind] ?? methodKind})`);
  const note =
    streams.length > 0
      ? `Not described here are its streams, which take a client of Connect, gRPC or gRPC-Web:\n\n${streams.join("\n")}`
      : "";
  return {
    name: service.typeName,
    ...described(paragraphs(commentOf(service), note)),
  };
}

const kinds: Readonly<Record<string, string>> = {
  server_streaming: "the server streams",
  client_streaming: "the client streams",
  bidi_streaming: "both stream",
};
