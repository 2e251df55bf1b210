/**
 * The wire as a server that the conformance suite of Connect starts:
 *
 *     node server.ts IMAGE
 *
 * IMAGE is the suite's contract, built by buf. What the server is to be comes on
 * the standard input, where it listens goes to the standard output. SIGTERM ends
 * it.
 */
import { readFile } from "node:fs/promises";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ConnectError, createContextKey } from "@connectrpc/connect";
import { pino } from "pino";
import { createWireServer, type WireOptions } from "../../../src/wire/server.ts";
import { readContract } from "./contract.ts";
import { defaultDeadlineMs } from "./definitions.ts";
import { framed, readFramed } from "./framing.ts";
import type { ServerRequest } from "./messages.ts";
import { conformanceService } from "./service.ts";

const contract = readContract(await readFile(process.argv[2] ?? ""));
const wanted = fromBinary(contract.serverRequest, await readFramed(process.stdin));

const wire = await createWireServer({
  routes: (router) =>
    router.service(contract.service, conformanceService(contract), {
      // Requests and answers have google.protobuf.Any in them.
      jsonOptions: { registry: contract.registry },
    }),
  authenticate: () => {},
  // What a handler is asked to fail with has to arrive as it is, internal errors too.
  describeError: (error) => (error instanceof ConnectError ? error : undefined),
  violations: () => [],
  requestIdKey: createContextKey("", { description: "request id" }),
  isReady: () => true,
  // The suite passes it on.
  logger: pino({ level: "fatal" }, pino.destination(2)),
  maxMessageBytes: wanted.messageReceiveLimit || 2 ** 24,
  deadlineMs: defaultDeadlineMs,
  allowUnknownFields: false,
  tls: tlsFor(wanted),
});
const host = "127.0.0.1";
const [url = ""] = await wire.listen(host, [0]);
process.once("SIGTERM", () => void wire.drain(1_000));

const response = create(contract.serverResponse, {
  host,
  port: Number(new URL(url).port),
  ...(wanted.serverCreds !== undefined && { pemCert: wanted.serverCreds.cert }),
});
process.stdout.write(framed(toBinary(contract.serverResponse, response)));

/** The credentials that the suite has for a server, if it is to speak TLS. */
function tlsFor({ useTls, serverCreds, clientTlsCert }: ServerRequest): WireOptions["tls"] {
  if (!useTls) return undefined;
  if (serverCreds === undefined) throw new Error("TLS needs a certificate");
  return {
    cert: Buffer.from(serverCreds.cert),
    key: Buffer.from(serverCreds.key),
    ...(clientTlsCert.length > 0 && { clientCa: Buffer.from(clientTlsCert) }),
  };
}
