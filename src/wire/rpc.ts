import { Code, createContextValues } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { FastifyInstance } from "fastify";
import { startLine } from "./access-log.ts";
import { answerError, codeName, type PlainAnswer } from "./answer.ts";
import { takeBeacon } from "./beacon.ts";
import { discardRestAfter } from "./discard.ts";
import { internalMessage } from "./failures.ts";
import { respellGrpcMessage } from "./grpc-message.ts";
import type { NodeRequest, NodeResponse } from "./node-types.ts";
import { isPlainJson, JsonBody } from "./json-body.ts";
import type { CallOptions, WireOptions } from "./options.ts";
import { copyHeaders } from "./plain.ts";
import { isGrpc, protocolOf } from "./protocol.ts";
import { allowOf, refusal, refusalOfStatus } from "./refusal.ts";
import { readBody } from "./request-body.ts";
import { countBody, type ResponseBody } from "./response-body.ts";
import { endBodyKey, jsonBodyKey } from "./rpc-options.ts";
import { sentCode } from "./sent-code.ts";
import { settleTimeout } from "./timeout.ts";

/**
 * Adds a route for each RPC. Calls leave Fastify in its onRequest hooks, after
 * those of the instance: nothing of it touches their bodies.
 */
export function addRpcRoutes(
  fastify: FastifyInstance,
  handlers: readonly UniversalHandler[],
  options: CallOptions & Pick<WireOptions, "beacons">,
  isAllowed: (origin: string) => boolean,
): void {
  for (const handler of handlers) {
    const isBeacon = options.beacons?.includes(handler.method) === true;
    fastify.route({
      method: fastify.supportedMethods,
      url: handler.requestPath,
      config: { allow: allowOf(handler) },
      // It does not call back: the call is out of Fastify's hands.
      onRequest: ({ raw, id, ip }, reply, _done) => {
        reply.hijack();
        copyHeaders(reply);
        const refused = isBeacon ? takeBeacon(raw, isAllowed) : undefined;
        void serveCall(handler, raw, reply.raw, { requestId: id, peer: ip, refused }, options);
      },
      handler: () => undefined,
    });
  }
}

/** What is known of a call before its protocol is looked at. */
interface Arrival {
  readonly requestId: string;
  /** The address of the client. */
  readonly peer: string;
  /** Why it is refused, if it is. */
  readonly refused: PlainAnswer | undefined;
}

/** Serves one call, and logs it whatever happens to it. Never rejects. */
async function serveCall(
  handler: UniversalHandler,
  request: NodeRequest,
  response: NodeResponse,
  { requestId, peer, refused: unwanted }: Arrival,
  options: CallOptions,
): Promise<void> {
  const contentType = request.headers["content-type"];
  const protocol = protocolOf(request.method, contentType);
  const rpc = handler.requestPath;
  const writeLine = startLine(options.logger, request, { rpc, protocol, requestId, peer });
  const requestBody = readBody(request);
  let sent: UniversalServerResponse | undefined;
  let responseBody: ResponseBody | undefined;
  let refused: { readonly code: Code; readonly bytes: number } | undefined;

  const refuse = (answer: PlainAnswer): void => {
    refused = { code: answer.code, bytes: answerError(response, protocol, contentType, answer) };
  };
  discardRestAfter(request, response);
  response.once("close", () => {
    const code = wasAnswered(response)
      ? refused !== undefined
        ? codeName(refused.code)
        : sentCode({
            protocol,
            status: sent?.status ?? 0,
            header: sent?.header,
            trailer: sent?.trailer,
            last: responseBody?.last,
          })
      : "canceled";
    writeLine({
      code,
      bytesIn: requestBody.bytes,
      bytesOut: refused?.bytes ?? responseBody?.bytes ?? 0,
    });
  });

  try {
    const unfit = unwanted ?? refusal(handler, request);
    if (unfit !== undefined) return refuse(unfit);
    const values = createContextValues()
      .set(options.requestIdKey, requestId)
      .set(endBodyKey, requestBody.fail);
    const json = isPlainJson(request.headers) ? new JsonBody(requestBody) : undefined;
    if (json !== undefined) values.set(jsonBodyKey, json);
    const call = universalRequestFromNodeRequest(request, response, undefined, values);
    const isUnary = handler.method.methodKind === "unary";
    settleTimeout(call.header, isGrpc(protocol), isUnary ? options.deadlineMs : undefined);
    sent = await handler({ ...call, body: json ?? requestBody });
    if (sent.body === undefined && sent.status !== 200) {
      return refuse(refusalOfStatus(sent, handler));
    }
    const { trailer } = sent;
    if (sent.body !== undefined) {
      responseBody = countBody(sent.body, () => respellGrpcMessage(trailer));
    }
    // This promise settles only if the response fails.
    await universalResponseToNodeResponse(
      responseBody === undefined ? sent : { ...sent, body: responseBody },
      response as Parameters<typeof universalResponseToNodeResponse>[1],
    );
  } catch (error) {
    // What fails when its client is gone fails because of that.
    if (isGone(response)) return;
    options.logger.error({ err: error, rpc, requestId }, "internal error");
    if (response.headersSent) response.destroy();
    else refuse({ code: Code.Internal, message: internalMessage(requestId) });
  }
}

function isGone(response: NodeResponse): boolean {
  return "stream" in response ? response.stream.destroyed : response.destroyed;
}

/** Whether the whole response went out, as far as this side can know. */
function wasAnswered(response: NodeResponse): boolean {
  if (!("stream" in response)) return response.writableFinished;
  const { stream } = response;
  return stream.writableFinished && !stream.aborted;
}
