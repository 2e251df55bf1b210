import type { Protocol } from "../protocol.ts";

/** What a content type says of a call. */
export interface ContentKind {
  readonly protocol: Protocol;
  /** Whether messages are JSON rather than binary. */
  readonly json: boolean;
  /** Whether each message has a prefix of five bytes: flags and length. */
  readonly enveloped: boolean;
  /** The content type of an answer. */
  readonly answerType: string;
  /** Names of headers: the time a call may take, the encoding of its messages, those accepted. */
  readonly timeoutHeader: string;
  readonly encodingHeader: string;
  readonly acceptHeader: string;
}

const grpcHeaders = {
  timeoutHeader: "grpc-timeout",
  encodingHeader: "grpc-encoding",
  acceptHeader: "grpc-accept-encoding",
};
const connectHeaders = { timeoutHeader: "connect-timeout-ms", encodingHeader: "content-encoding" };
const unaryHeaders = { ...connectHeaders, acceptHeader: "accept-encoding" };
const streamHeaders = {
  ...connectHeaders,
  encodingHeader: "connect-content-encoding",
  acceptHeader: "connect-accept-encoding",
};

const grpc = /^application\/grpc(?:\+(?:(json)(?:; ?charset=utf-?8)?|proto))?$/i;
const grpcWeb = /^application\/grpc-web(?:\+(?:(json)(?:; ?charset=utf-?8)?|proto))?$/i;
const connectUnary = /^application\/(?:(json)(?:; ?charset=utf-?8)?|proto)$/i;
const connectStream = /^application\/connect\+(?:(json)(?:; ?charset=utf-?8)?|proto)$/i;

/** What was classified before: clients send few content types, and send them with every call. */
const known = new Map<string, ContentKind | undefined>();
const maxKnown = 256;

/**
 * The kind of a POST by its content type; undefined if it is none of gRPC,
 * gRPC-Web or Connect. Whether a Connect method is unary is for the caller to
 * compare with `enveloped`.
 */
export function kindOfPost(contentType: string): ContentKind | undefined {
  if (known.has(contentType)) return known.get(contentType);
  const kind = classify(contentType);
  if (known.size < maxKnown) known.set(contentType, kind);
  return kind;
}

/** The kind of a GET by its parameter `encoding`. */
export function kindOfGet(encoding: string | null): ContentKind | undefined {
  if (encoding === "json") return getJson;
  return encoding === "proto" ? getProto : undefined;
}

/** A unary call of Connect with a body of JSON. */
export const connectJson: ContentKind = kindOf("connect", true, false, "application/json");
const getJson = kindOf("connect-get", true, false, "application/json");
const getProto = kindOf("connect-get", false, false, "application/proto");

function classify(contentType: string): ContentKind | undefined {
  const unary = connectUnary.exec(contentType);
  if (unary !== null) return of("connect", unary, false, "application/");
  const call = grpc.exec(contentType);
  if (call !== null) return of("grpc", call, true, "application/grpc+");
  const web = grpcWeb.exec(contentType);
  if (web !== null) return of("grpc-web", web, true, "application/grpc-web+");
  const stream = connectStream.exec(contentType);
  return stream === null ? undefined : of("connect", stream, true, "application/connect+");
}

function of(
  protocol: Protocol,
  match: RegExpExecArray,
  enveloped: boolean,
  prefix: string,
): ContentKind {
  const json = match[1] !== undefined;
  return kindOf(protocol, json, enveloped, prefix + (json ? "json" : "proto"));
}

function kindOf(
  protocol: Protocol,
  json: boolean,
  enveloped: boolean,
  answerType: string,
): ContentKind {
  const isConnect = protocol === "connect" || protocol === "connect-get";
  const names = isConnect ? (enveloped ? streamHeaders : unaryHeaders) : grpcHeaders;
  return { protocol, json, enveloped, answerType, ...names };
}
