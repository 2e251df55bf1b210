// Fastify with connect-fastify, as its documentation tells: "http1" or "http2".
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { fastify as createFastify } from "fastify";
import { pino } from "pino";
import { addMessageNotes } from "./message-notes.ts";

const server = process.argv[2] === "http2" ? createFastify({ http2: true }) : createFastify();
// The types of the plugin know plain Fastify only.
await (server as ReturnType<typeof createFastify>).register(fastifyConnectPlugin, {
  routes: addMessageNotes,
});
const url = await server.listen({ host: "127.0.0.1", port: 0 });
pino().info({ port: Number(new URL(url).port) }, "listening");
