import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { fastify } from "fastify";
import { routes } from "./routes.ts";
import type { StartServer } from "./server.ts";

/** connect-fastify as its README has it, with nothing added: no log, no validation, no limits. */
export const startConnectFastify: StartServer = async () => {
  const http1 = fastify();
  await http1.register(fastifyConnectPlugin, { routes });
  const http2 = fastify({ http2: true });
  await http2.register(fastifyConnectPlugin, { routes });
  return {
    http1: await http1.listen({ host: "127.0.0.1", port: 0 }),
    http2: await http2.listen({ host: "127.0.0.1", port: 0 }),
  };
};
