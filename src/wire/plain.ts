import { Code } from "@connectrpc/connect";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { codeFromHttpStatus } from "@connectrpc/connect/protocol-connect";
import { type CallLog, startLine } from "./access-log.ts";
import { answerError, codeName, jsonError } from "./answer.ts";
import { discardRestAfter } from "./discard.ts";
import { internalMessage } from "./failures.ts";
import { isGrpc, protocolOf } from "./protocol.ts";

/** Adds /healthz, which answers while the server lives, and /readyz, while it should get traffic. */
export function addHealthRoutes(fastify: FastifyInstance, isReady: () => boolean): void {
  fastify.get("/healthz", (_request, reply) => reply.send({ status: "ok" }));
  fastify.get("/readyz", (_request, reply) =>
    isReady() ? reply.send({ status: "ok" }) : reply.code(503).send({ status: "not ready" }),
  );
}

/**
 * Answers a path that is neither an RPC nor anything else, in the form of the
 * caller's protocol. What looks like a call is logged as one.
 */
export function unknownPathHandler(
  log: CallLog,
): (request: FastifyRequest, reply: FastifyReply) => void {
  return (request, reply) => {
    const contentType = request.headers["content-type"];
    const protocol = protocolOf(request.method, contentType);
    const path = request.url.split("?", 1)[0]?.slice(0, maxPathLength) ?? "";
    const isCall = request.method === "POST" || isGrpc(protocol);
    const message = isCall ? `there is no method ${path}` : `there is nothing at ${path}`;
    const call = { rpc: path, protocol, requestId: request.id, peer: request.ip };
    const writeLine = isCall ? startLine(log, request.raw, call) : undefined;

    reply.hijack();
    copyHeaders(reply);
    const code = Code.Unimplemented;
    discardRestAfter(request.raw, reply.raw);
    reply.raw.once("close", () => {
      writeLine?.({ code: codeName(code), bytesIn: 0, bytesOut });
    });
    const answer = { code, message, status: 404 };
    const bytesOut = answerError(reply.raw, protocol, contentType, answer);
  };
}

/** How much of a path is repeated in answers and in the log. */
const maxPathLength = 256;

/** Fastify keeps headers apart until it sends them, which it does not for a hijacked reply. */
export function copyHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
}

/** Answers what fails in Fastify itself or in a plain route, as JSON with code and message. */
export function answerFailure(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const status = error.statusCode ?? 500;
  const isOurs = status >= 500;
  if (isOurs) {
    request.log.error({ err: error, path: request.url, requestId: request.id }, "internal error");
  }
  const code = isOurs
    ? Code.Internal
    : status === 400
      ? Code.InvalidArgument
      : codeFromHttpStatus(status);
  const message = isOurs ? internalMessage(request.id) : error.message;
  reply.code(status).type("application/json").send(jsonError(code, message));
}
