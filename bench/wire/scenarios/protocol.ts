import { equals, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { DescMessage, DescMethodUnary, MessageShape } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  type Http2SessionManager,
} from "@connectrpc/connect-node";
import { envelope } from "../envelope.ts";
import type { RepeatedRequest } from "../load/h2load.ts";
import type { Answer } from "../load/probe.ts";

/** How unary calls are made. */
export type Protocol = "grpc" | "grpc-web" | "grpc-web-h2" | "json" | "get";

/** A unary method, with a request and what it is answered with. */
export interface Sample<I extends DescMessage, O extends DescMessage> {
  readonly method: DescMethodUnary<I, O>;
  readonly request: MessageShape<I>;
  readonly response: MessageShape<O>;
}

/** The request that h2load makes. */
export function requestOf<I extends DescMessage, O extends DescMessage>(
  protocol: Protocol,
  { method, request }: Sample<I, O>,
): RepeatedRequest {
  const path = `/${method.parent.typeName}/${method.name}`;
  const enveloped = envelope(toBinary(method.input, request));
  const json = toJsonString(method.input, request);
  const message = encodeURIComponent(json);
  const grpcWeb = { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" };
  switch (protocol) {
    case "grpc": {
      const headers = { "content-type": "application/grpc", te: "trailers" };
      return { http: "http2", path, headers, body: enveloped };
    }
    case "grpc-web":
      return { http: "http1", path, headers: grpcWeb, body: enveloped };
    case "grpc-web-h2":
      return { http: "http2", path, headers: grpcWeb, body: enveloped };
    case "json": {
      const headers = { "content-type": "application/json", "connect-protocol-version": "1" };
      return { http: "http1", path, headers, body: Buffer.from(json) };
    }
    case "get": {
      const query = `?connect=v1&encoding=json&message=${message}`;
      return { http: "http1", path: path + query, headers: {}, body: undefined };
    }
  }
}

/** A client that everybody uses, which speaks so. */
export function transportOf(
  protocol: Protocol,
  baseUrl: string,
  sessionManager: Http2SessionManager,
): Transport {
  switch (protocol) {
    case "grpc":
      return createGrpcTransport({ baseUrl, sessionManager });
    case "grpc-web":
      return createGrpcWebTransport({ baseUrl, httpVersion: "1.1" });
    case "grpc-web-h2":
      return createGrpcWebTransport({ baseUrl, sessionManager, httpVersion: "2" });
    case "json":
    case "get": {
      const useHttpGet = protocol === "get";
      return createConnectTransport({
        baseUrl,
        httpVersion: "1.1",
        useBinaryFormat: false,
        useHttpGet,
      });
    }
  }
}

/** Fails unless the answer to h2load's request is the right one, to the byte where it can be. */
export function expectRight<I extends DescMessage, O extends DescMessage>(
  { status, body, grpcStatus }: Answer,
  protocol: Protocol,
  { method, response }: Sample<I, O>,
): void {
  const message = envelope(toBinary(method.output, response));
  const rest = body.subarray(message.length);
  const isRight = {
    grpc: () => body.equals(message) && grpcStatus === "0",
    "grpc-web": () => hasMessage() && hasOkTrailer(rest),
    "grpc-web-h2": () => hasMessage() && hasOkTrailer(rest),
    json: () => isSameJson(),
    get: () => isSameJson(),
  }[protocol]();
  if (status !== 200 || !isRight) {
    throw new Error(`${protocol} was answered with ${status}, ${grpcStatus}, ${body.toString()}`);
  }

  function hasMessage(): boolean {
    return body.subarray(0, message.length).equals(message);
  }
  function isSameJson(): boolean {
    return equals(method.output, fromJsonString(method.output, body.toString()), response);
  }
}

function hasOkTrailer(bytes: Buffer): boolean {
  return bytes[0] === 0x80 && /^grpc-status: ?0\r$/m.test(bytes.subarray(5).toString());
}
