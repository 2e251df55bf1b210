/** How a call speaks. */
export type Protocol = "grpc" | "grpc-web" | "connect" | "connect-get";

/** The protocol of a request, by its content type and method, as connect chooses it. */
export function protocolOf(method: string | undefined, contentType: string | undefined): Protocol {
  if (method === "GET") return "connect-get";
  if (contentType !== undefined && /^application\/grpc/i.test(contentType)) {
    return /^application\/grpc-web/i.test(contentType) ? "grpc-web" : "grpc";
  }
  return "connect";
}

/** Whether the protocol has its status in trailers rather than in HTTP's status. */
export function isGrpc(protocol: Protocol): boolean {
  return protocol === "grpc" || protocol === "grpc-web";
}
