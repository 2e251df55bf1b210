/**
 * Messages as one body of a streaming call: before each, a byte of flags (0, for
 * it is not compressed) and its length in four bytes, the highest first. Connect
 * and gRPC-Web have it alike.
 */
export function enveloped(messages: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = messages.reduce((sum, { byteLength }) => sum + 5 + byteLength, 0);
  const body = new Uint8Array(length);
  const view = new DataView(body.buffer);
  let at = 0;
  for (const message of messages) {
    view.setUint32(at + 1, message.byteLength);
    body.set(message, at + 5);
    at += 5 + message.byteLength;
  }
  return body;
}
