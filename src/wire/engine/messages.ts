import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { violationsError } from "../errors.ts";
import { tellAsIs } from "../failures.ts";
import type { Engine } from "./engine.ts";
import type { Rpc } from "./rpc.ts";

/** From how many bytes on a message is decoded in a turn of the event loop of its own. */
export const largeBytes = 16_384;

/**
 * A request message that keeps its contract.
 *
 * @throws ConnectError that tells the client what is wrong with it
 */
export function decodePayload(engine: Engine, rpc: Rpc, json: boolean, bytes: Buffer): Message {
  if (bytes.byteLength > rpc.maxBytes) throw tooLarge(bytes.byteLength, rpc.maxBytes);
  const message = rpc.codecs(json).input.decode(bytes);
  const violations = engine.options.violations(rpc.method.input, message);
  if (violations.length > 0) throw violationsError(violations, engine.domain);
  return message;
}

/** `bytes`: undefined if they are still coming. */
export function tooLarge(bytes: number | undefined, maxBytes: number): ConnectError {
  const size = bytes === undefined ? "the message has" : `the message has ${bytes} bytes,`;
  return new ConnectError(`${size} more than the ${maxBytes} allowed`, Code.ResourceExhausted);
}

/** A message that says it is compressed, though the headers name no compression. */
export function undeclaredCompression(): ConnectError {
  // gRPC wants it to be internal, although the client is at fault.
  return tellAsIs(
    new ConnectError(
      "received compressed envelope, but the headers name no compression",
      Code.Internal,
    ),
  );
}

/** What the client should have sent differently, by the protocol. */
export function protocolError(message: string, code: Code = Code.Unimplemented): ConnectError {
  return new ConnectError(`protocol error: ${message}`, code);
}
