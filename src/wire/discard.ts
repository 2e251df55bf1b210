import { constants, type ServerHttp2Stream } from "node:http2";
import type { IncomingMessage } from "node:http";
import type { NodeRequest, NodeResponse } from "./node-types.ts";

/** How much of an unwanted body is read, so that the connection can go on: bytes. */
const discardBytes = 16 * 1_048_576;

/** For how long it is read: milliseconds. */
const discardMs = 10_000;

/**
 * Takes the rest of a request once its response is complete. A half-read body
 * stalls an HTTP/1.1 connection and the flow control of an HTTP/2 session. A
 * body that is too long, or too slow, costs the client its connection; HTTP/2
 * can tell it that the rest is not wanted.
 */
export function discardRestAfter(request: NodeRequest, response: NodeResponse): void {
  if ("stream" in request) {
    const { stream } = request;
    stream.once("wantTrailers", () => stopSoon(stream));
    return;
  }
  response.once("close", () => discardBody(request));
}

/**
 * Tells an HTTP/2 client that the rest of its request is not wanted, unless it
 * has sent all. Not at once: trailers, or headers that end a stream, leave in
 * this turn of the event loop, and a reset would overtake them.
 */
export function stopSoon(stream: ServerHttp2Stream): void {
  setImmediate(() => setImmediate(stop, stream));
}

function stop(stream: ServerHttp2Stream): void {
  if (stream.closed || stream.destroyed) return;
  if (stream.state.remoteClose === 1) stream.resume();
  else stream.close(constants.NGHTTP2_NO_ERROR);
}

/** Takes the rest of an HTTP/1.1 request whose response is complete. */
export function discardBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) {
    request.resume();
    return;
  }
  const { socket } = request;
  let bytes = 0;
  const timeout = setTimeout(() => socket.destroy(), discardMs);
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > discardBytes) socket.destroy();
  });
  request.on("error", () => {});
  request.once("close", () => clearTimeout(timeout));
  request.once("end", () => clearTimeout(timeout));
  request.resume();
}
