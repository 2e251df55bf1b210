import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";

/** A message of the suite's contract. Of those that the handlers use, here are the fields they use. */
type Shape<Name extends string, Fields> = Message<`connectrpc.conformance.v1.${Name}`> & Fields;

/** A header or trailer and its values. */
export type Header = Shape<"Header", { name: string; value: string[] }>;

/** An error that a handler is to fail with. */
export type RequestedError = Shape<"Error", { code: number; message?: string; details: Any[] }>;

/** What the server saw of a call. */
export type RequestInfo = Shape<
  "ConformancePayload.RequestInfo",
  {
    requestHeaders: Header[];
    timeoutMs?: bigint;
    requests: Any[];
    connectGetInfo?: Shape<"ConformancePayload.ConnectGetInfo", { queryParams: Header[] }>;
  }
>;

/** How a call is to be answered that has one response. */
export type UnaryDefinition = Shape<
  "UnaryResponseDefinition",
  {
    responseHeaders: Header[];
    response:
      | { case: "responseData"; value: Uint8Array }
      | { case: "error"; value: RequestedError }
      | { case: undefined; value?: undefined };
    responseTrailers: Header[];
    responseDelayMs: number;
  }
>;

/** How a call is to be answered that has a stream of responses. */
export type StreamDefinition = Shape<
  "StreamResponseDefinition",
  {
    responseHeaders: Header[];
    responseData: Uint8Array[];
    responseDelayMs: number;
    error?: RequestedError;
    responseTrailers: Header[];
  }
>;

export type UnaryRequest = Shape<"UnaryRequest", { responseDefinition?: UnaryDefinition }>;
export type StreamRequest = Shape<
  "BidiStreamRequest",
  { responseDefinition?: StreamDefinition; fullDuplex: boolean }
>;

/** All responses have this one field. */
export type Response = Shape<
  "UnaryResponse",
  { payload?: Shape<"ConformancePayload", { data: Uint8Array; requestInfo?: RequestInfo }> }
>;

/** What a server is asked to be. */
export type ServerRequest = Shape<
  "ServerCompatRequest",
  {
    useTls: boolean;
    /** In PEM; empty if clients need no certificate. */
    clientTlsCert: Uint8Array;
    /** In bytes; 0 for none. */
    messageReceiveLimit: number;
    /** In PEM. */
    serverCreds?: Shape<"TLSCreds", { cert: Uint8Array; key: Uint8Array }>;
  }
>;

/** Where a server listens. */
export type ServerResponse = Shape<
  "ServerCompatResponse",
  { host: string; port: number; pemCert: Uint8Array }
>;
