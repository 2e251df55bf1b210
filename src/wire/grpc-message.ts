/**
 * Percent-encodes a message for the header grpc-message: only what the gRPC
 * specification wants to be encoded. Some clients, @grpc/grpc-js among them,
 * leave other sequences, such as that of a colon, as they are.
 */
export function grpcMessage(message: string): string {
  return message.toWellFormed().replaceAll(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent);
}

/** Spells the grpc-message of trailers anew: connect encodes too much. */
export function respellGrpcMessage(trailer: Headers | undefined): void {
  const encoded = trailer?.get("grpc-message");
  if (encoded) trailer?.set("grpc-message", grpcMessage(decodeURIComponent(encoded)));
}
