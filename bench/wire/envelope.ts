/** A message as gRPC and gRPC-Web send it: not compressed, behind its length. */
export function envelope(message: Uint8Array): Buffer {
  return enveloped(0, message);
}

/** The trailers of gRPC-Web, as the last message of the body. */
export function trailerEnvelope(trailers: string): Buffer {
  return enveloped(0x80, Buffer.from(trailers));
}

function enveloped(flags: number, message: Uint8Array): Buffer {
  const bytes = Buffer.alloc(5 + message.length);
  bytes[0] = flags;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}
