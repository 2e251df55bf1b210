import { once } from "node:events";
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type SessionOptions,
} from "node:http2";
import { onTestFinished } from "vitest";

/** How a call over HTTP/2 ended. */
export interface Answer {
  /** Of HTTP; undefined if the stream was reset before there was one. */
  readonly status: number | undefined;
  /** grpc-status; undefined where there is none. */
  readonly grpcStatus: string | undefined;
  readonly body: Buffer;
  /** Of RST_STREAM; 0 if there was none. */
  readonly reset: number;
}

/** An HTTP/2 connection, closed when the test is over. */
export function connectSession(port: number, options: SessionOptions = {}): ClientHttp2Session {
  // The limit on memory is the client's own.
  const session = connect(`http://127.0.0.1:${port}`, { maxSessionMemory: 1_000, ...options });
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** Begins a call of a method of Notes. */
export function open(
  session: ClientHttp2Session,
  method: string,
  contentType: string,
  headers: IncomingHttpHeaders = {},
): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": `/wire.test.Notes/${method}`,
    "content-type": contentType,
    ...headers,
  });
  stream.on("error", () => {});
  return stream;
}

/** What the server says to a call, once that is over. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let status: number | undefined;
  let grpcStatus: string | undefined;
  const chunks: Buffer[] = [];
  const take = (headers: IncomingHttpHeaders): void => {
    status ??= headers[":status"] as number | undefined;
    grpcStatus ??= headers["grpc-status"] as string | undefined;
  };
  stream.on("response", take);
  stream.on("trailers", take);
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (!stream.destroyed) await once(stream, "close").catch(() => {});
  return { status, grpcStatus, body: Buffer.concat(chunks), reset: stream.rstCode ?? 0 };
}

/** A unary call with JSON, and its answer as an object. */
export async function callJson(
  session: ClientHttp2Session,
  method: string,
  message: unknown,
  headers: IncomingHttpHeaders = {},
): Promise<{ readonly status: number | undefined; readonly json: Record<string, unknown> }> {
  const stream = open(session, method, "application/json", headers);
  stream.end(JSON.stringify(message));
  const { status, body } = await answerOf(stream);
  return {
    status,
    json: body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {},
  };
}

/** How many messages the handlers of a server have made or read. */
export async function progressOf(session: ClientHttp2Session): Promise<number> {
  return Number((await callJson(session, "Say", { text: "progress" })).json["number"] ?? 0);
}
