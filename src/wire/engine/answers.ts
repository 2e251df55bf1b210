import { ConnectError } from "@connectrpc/connect";
import { mergeNonProtocolHeaders } from "@connectrpc/connect/protocol";
import { endStreamFlag, endStreamToJson, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { respellGrpcMessage } from "../grpc-message.ts";
import type { ContentKind } from "./content-kind.ts";
import type { HeaderList, Trailers } from "./exchange.ts";
import { filled } from "./lazy-headers.ts";

/** What a response ends with: the last bytes of its body, and trailers. */
export interface Ending {
  readonly tail: Buffer | undefined;
  readonly trailers: Trailers | undefined;
}

/** Bytes before each message. */
export const prefixBytes = 5;
export const compressedFlag = 1;
/** Marks trailers among the messages of gRPC-Web. */
export const webTrailerFlag = 0x80;

const grpcOk: Ending = { tail: undefined, trailers: { "grpc-status": "0" } };
const webOk: Ending = {
  tail: envelope(webTrailerFlag, Buffer.from("grpc-status: 0\r\n")),
  trailers: undefined,
};
const connectOk: Ending = {
  tail: envelope(endStreamFlag, Buffer.from("{}")),
  trailers: undefined,
};

/** Fills in the prefix of a message that was encoded with headroom for it. */
export function seal(bytes: Buffer, flags: number): Buffer {
  bytes[0] = flags;
  bytes.writeUInt32BE(bytes.byteLength - prefixBytes, 1);
  return bytes;
}

/** A message with its prefix. */
export function envelope(flags: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + payload.byteLength);
  bytes.set(payload, prefixBytes);
  return seal(bytes, flags);
}

/** The ending of a response whose messages have prefixes. */
export function ending(
  { protocol }: ContentKind,
  error: ConnectError | undefined,
  trailer: Headers,
): Ending {
  const more = filled(trailer);
  if (protocol === "connect") {
    if (error === undefined && more === undefined) return connectOk;
    const json = JSON.stringify(endStreamToJson(more ?? new Headers(), error, undefined));
    return { tail: envelope(endStreamFlag, Buffer.from(json)), trailers: undefined };
  }
  if (error === undefined && more === undefined) {
    return protocol === "grpc" ? grpcOk : webOk;
  }
  const trailers = statusTrailers(error, more);
  if (protocol === "grpc") {
    const record: Record<string, string | string[]> = Object.fromEntries(trailers);
    // The one name that Headers do not join.
    const cookies = trailers.getSetCookie();
    if (cookies.length > 0) record["set-cookie"] = cookies;
    return { tail: undefined, trailers: record };
  }
  let text = "";
  for (const [name, value] of trailers) text += `${name}: ${value}\r\n`;
  return { tail: envelope(webTrailerFlag, Buffer.from(text)), trailers: undefined };
}

/** The body of a unary Connect call that failed. Its metadata goes to the headers. */
export function unaryError(error: ConnectError, headers: HeaderList): Buffer {
  addMetadata(headers, error);
  return Buffer.from(JSON.stringify(errorToJson(error, undefined)));
}

/**
 * What belongs to the connection or to the protocol: handlers that copy headers
 * from elsewhere cannot set it.
 */
const notTheirs: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Adds what a handler has put into headers. `prefix` is for trailers that go there, too. */
export function addHeaders(list: HeaderList, headers: Headers, prefix = ""): void {
  const own = filled(headers);
  if (own === undefined) return;
  for (const [name, value] of own) {
    if (!notTheirs.has(name)) list.push(prefix + name, value);
  }
}

function statusTrailers(error: ConnectError | undefined, trailer: Headers | undefined): Headers {
  const trailers = new Headers(trailer);
  setTrailerStatus(trailers, error === undefined ? undefined : wellFormed(error));
  respellGrpcMessage(trailers);
  for (const name of notTheirs) trailers.delete(name);
  return trailers;
}

/** How much of a message goes into trailers, of which clients take 8 KiB and Node.js 64: characters. */
const maxMessageLength = 4_096;

/**
 * An error whose message can be sent in trailers. Half a surrogate pair, which
 * clients may have us quote, cannot be percent-encoded.
 */
function wellFormed(error: ConnectError): ConnectError {
  const { rawMessage } = error;
  if (rawMessage.length <= maxMessageLength && rawMessage.isWellFormed()) return error;
  const metadata = isFromElsewhere(error) ? undefined : error.metadata;
  const message = rawMessage.slice(0, maxMessageLength).toWellFormed();
  const copy = new ConnectError(message, error.code, metadata);
  copy.details = error.details;
  return copy;
}

/** Whether it is what another server answered: connect passes on no metadata of those. */
function isFromElsewhere(error: ConnectError): boolean {
  return "isWireError" in error && error.isWireError === true;
}

function addMetadata(headers: HeaderList, error: ConnectError): void {
  if (isFromElsewhere(error)) return;
  const metadata = new Headers();
  mergeNonProtocolHeaders(metadata, error.metadata);
  addHeaders(headers, metadata);
}
