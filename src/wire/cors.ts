import fastifyCors from "@fastify/cors";
import { cors } from "@connectrpc/connect";
import type { FastifyInstance } from "fastify";
import { requestIdHeader } from "./request-id.ts";

/** For how long a browser need not ask again, in seconds: the most that Chromium heeds. */
const PREFLIGHT_S = 7_200;

/** Lets pages of other origins call, over every protocol that a browser can speak. */
export async function allowOrigins(
  fastify: FastifyInstance,
  isAllowed: (origin: string) => boolean,
): Promise<void> {
  // Before the answer to OPTIONS, which may be a preflight or not.
  fastify.addHook("onRequest", (request, reply, done) => {
    const { allow } = request.routeOptions.config as { allow?: string };
    if (request.method === "OPTIONS" && allow !== undefined) reply.header("allow", allow);
    done();
  });
  await fastify.register(fastifyCors, {
    origin: (origin, decide) => decide(null, origin === undefined || isAllowed(origin)),
    methods: [...cors.allowedMethods],
    allowedHeaders: [...cors.allowedHeaders, requestIdHeader, "authorization"],
    exposedHeaders: [...cors.exposedHeaders, requestIdHeader],
    maxAge: PREFLIGHT_S,
    // OPTIONS that is no preflight is answered too.
    strictPreflight: false,
  });
}
