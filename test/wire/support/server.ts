import { createContextKey, type ServiceImpl, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { pino } from "pino";
import { onTestFinished, vi } from "vitest";
import { defaultLimits, type ConnectionLimits } from "../../../src/wire/limits.ts";
import { createWireServer, type WireOptions, type WireServer } from "../../../src/wire/server.ts";
import { Notes } from "./contract.ts";

export const requestIdKey = createContextKey("", { description: "request id" });

/** A line of the log. */
export type Line = Readonly<Record<string, unknown>> & { readonly msg?: string };

export interface TestWire {
  readonly wire: WireServer;
  readonly url: string;
  readonly port: number;
  /** Every line logged so far. */
  readonly lines: readonly Line[];
  /** The line of the n-th call, as soon as it is there. */
  callLine(n?: number): Promise<Line>;
}

/** Handlers that answer with what they got, unless a test has its own. */
function echo(): ServiceImpl<typeof Notes> {
  return {
    say: (note) => note,
    read: (note) => note,
    async *list(note) {
      for (let i = 0; i < note.number; i++) yield { text: note.text, number: i };
    },
    async collect(notes) {
      let number = 0;
      for await (const note of notes) number += note.number;
      return { number };
    },
    async *chat(notes) {
      for await (const note of notes) yield note;
    },
  };
}

/** Options that let everything pass. What is logged is added to the lines. */
export function testOptions(lines: Line[]): WireOptions {
  const logger = pino(
    { level: "debug" },
    { write: (line: string) => void lines.push(JSON.parse(line) as Line) },
  );
  return {
    routes: (router) => router.service(Notes, echo()),
    authenticate: () => {},
    describeError: () => undefined,
    violations: () => [],
    requestIdKey,
    isReady: () => true,
    logger,
    maxMessageBytes: 65_536,
    deadlineMs: 30_000,
    allowUnknownFields: false,
  };
}

/** Starts a server on a free port of localhost; it is drained when the test is over. */
export async function startWire(
  handlers: Partial<ServiceImpl<typeof Notes>> = {},
  overrides: Partial<WireOptions> = {},
  limits: Partial<ConnectionLimits> = {},
): Promise<TestWire> {
  const lines: Line[] = [];
  const wire = await createWireServer(
    {
      ...testOptions(lines),
      routes: (router) => router.service(Notes, { ...echo(), ...handlers }),
      ...overrides,
    },
    { ...defaultLimits, ...limits },
  );
  onTestFinished(async () => {
    await wire.drain(0);
  });
  const [url = ""] = await wire.listen("localhost", [0]);
  return {
    wire,
    url,
    port: Number(new URL(url).port),
    lines,
    callLine: (n = 0) =>
      vi.waitFor(
        () => {
          const line = lines.filter(({ msg }) => msg === "call")[n];
          if (line === undefined) throw new Error(`no call ${n} was logged`);
          return line;
        },
        { timeout: 20_000 },
      ),
  };
}

/** How the clients of the table tests speak. */
export const protocols = [
  "grpc",
  "grpc-web over HTTP/1.1",
  "grpc-web over HTTP/2",
  "connect over HTTP/1.1",
  "connect over HTTP/2",
  "JSON over HTTP/1.1",
  "JSON over HTTP/2",
] as const;

/** A transport of connect-node that speaks so. Its connection is closed when the test is over. */
export function transportFor(protocol: (typeof protocols)[number], baseUrl: string): Transport {
  if (protocol.endsWith("1.1")) {
    const options = {
      baseUrl,
      httpVersion: "1.1",
      useBinaryFormat: !protocol.startsWith("JSON"),
    } as const;
    return protocol.startsWith("grpc-web")
      ? createGrpcWebTransport(options)
      : createConnectTransport(options);
  }
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(() => sessionManager.abort());
  const options = { baseUrl, sessionManager, httpVersion: "2" } as const;
  if (protocol === "grpc") return createGrpcTransport(options);
  if (protocol.startsWith("grpc-web")) return createGrpcWebTransport(options);
  return createConnectTransport({ ...options, useBinaryFormat: !protocol.startsWith("JSON") });
}

/** Posts JSON to a method of Notes. */
export function postJson(
  url: string,
  method: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/wire.test.Notes/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
