import type { UniversalHandler } from "@connectrpc/connect/protocol";
import type { FastifyInstance } from "fastify";
import { type CallLog, startLine } from "./access-log.ts";
import { answerError, codeName } from "./answer.ts";
import { discardRestAfter } from "./discard.ts";
import type { WireOptions } from "./options.ts";
import { copyHeaders } from "./plain.ts";
import { protocolOf } from "./protocol.ts";
import { allowOf, refusal } from "./refusal.ts";

/**
 * Adds a route for each RPC, for the requests that are no calls of it: they are
 * told what would be right, in the form of their protocol. Calls never come
 * here; the engine takes them.
 */
export function addRefusalRoutes(
  fastify: FastifyInstance,
  handlers: readonly UniversalHandler[],
  { beacons = [] }: Pick<WireOptions, "beacons">,
  isAllowed: (origin: string) => boolean,
  log: CallLog,
): void {
  for (const handler of handlers) {
    const isBeacon = beacons.includes(handler.method);
    const rpc = handler.requestPath;
    fastify.route({
      method: fastify.supportedMethods,
      url: rpc,
      config: { allow: allowOf(handler) },
      // It does not call back: nothing of Fastify touches the body.
      onRequest: ({ raw, id, ip }, reply, _done) => {
        reply.hijack();
        copyHeaders(reply);
        const contentType = raw.headers["content-type"];
        const protocol = protocolOf(raw.method, contentType);
        const writeLine = startLine(log, raw, { rpc, protocol, requestId: id, peer: ip });
        const answer = refusal(handler, raw, isBeacon && !isAllowed(raw.headers.origin ?? ""));
        let bytesOut = 0;
        discardRestAfter(raw, reply.raw);
        reply.raw.once("close", () => {
          writeLine({ code: codeName(answer.code), bytesIn: 0, bytesOut });
        });
        bytesOut = answerError(reply.raw, protocol, contentType, answer);
      },
      handler: () => undefined,
    });
  }
}
