import { once } from "node:events";
import { connect } from "node:http2";
import { buffer } from "node:stream/consumers";
import type { RepeatedRequest } from "./h2load.ts";

/** What came back for a request. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** The grpc-status of the trailers of HTTP/2, if there is one. */
  readonly grpcStatus: string | undefined;
}

/** Makes one request, the same as h2load makes. */
export function probe(base: string, request: RepeatedRequest): Promise<Answer> {
  return request.http === "http1" ? probeHttp1(base, request) : probeHttp2(base, request);
}

async function probeHttp1(base: string, { path, headers, body }: RepeatedRequest): Promise<Answer> {
  const response = await fetch(base + path, {
    headers,
    ...(body === undefined ? {} : { method: "POST", body: Buffer.from(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, body: bytes, grpcStatus: undefined };
}

async function probeHttp2(base: string, { path, headers, body }: RepeatedRequest): Promise<Answer> {
  const session = connect(base);
  try {
    const stream = session.request({
      ":path": path,
      ":method": body === undefined ? "GET" : "POST",
      ...headers,
    });
    stream.end(body);
    let grpcStatus: string | undefined;
    stream.once("trailers", (trailers) => {
      grpcStatus = String(trailers["grpc-status"]);
    });
    const [head] = (await once(stream, "response")) as [{ ":status"?: number }];
    const bytes = await buffer(stream);
    return { status: head[":status"] ?? 0, body: bytes, grpcStatus };
  } finally {
    session.destroy();
  }
}
