import { fromJsonString, toJsonString, type DescMessage, type Message } from "@bufbuild/protobuf";
import type { ConnectRouterOptions } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { isUtf8 } from "node:buffer";
import { binaryCodec } from "../codec/binary-codec.ts";
import { violationsError } from "../errors.ts";
import { isTooDeep, maxJsonDepth } from "../json-depth.ts";
import { jsonFault, mayBeLoose, shorten } from "../json-fault.ts";
import { syntaxFault } from "../json-syntax.ts";

/** Turns the messages of one type into bytes and back. */
export interface Codec {
  /** @throws ConnectError invalid_argument, which names the field if it can be found. */
  decode(bytes: Uint8Array): Message;
  /** Returns bytes of which the first `headroom` are left for the caller to fill in. */
  encode(message: Message, headroom: number): Buffer;
}

/** The codec of the protobuf encoding. */
export function protoCodec(schema: DescMessage): Codec {
  const codec = binaryCodec(schema);
  return {
    decode(bytes) {
      try {
        return codec.decode(bytes);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new ConnectError(
          `the message is not a valid ${schema.typeName}: ${reason}`,
          Code.InvalidArgument,
        );
      }
    },
    encode: (message, headroom) => codec.encode(message, headroom),
  };
}

/** The codec of the JSON encoding. `domain` is that of errors: see WireOptions. */
export function jsonCodec(
  schema: DescMessage,
  options: ConnectRouterOptions["jsonOptions"],
  domain: string,
): Codec {
  // As in connect, what nobody decided is ignored.
  const ignoreUnknownFields = options?.ignoreUnknownFields ?? true;
  const jsonOptions = { ...options, ignoreUnknownFields };
  return {
    decode(bytes) {
      const { buffer, byteOffset, byteLength } = bytes;
      if (!isUtf8(bytes)) {
        throw new ConnectError("the message is not in UTF-8", Code.InvalidArgument);
      }
      const text = Buffer.from(buffer, byteOffset, byteLength).toString();
      if (isTooDeep(text)) {
        throw new ConnectError(
          `the message is nested deeper than the ${maxJsonDepth} levels allowed`,
          Code.InvalidArgument,
        );
      }
      let message: Message;
      try {
        message = fromJsonString(schema, text, jsonOptions);
      } catch (error) {
        throw jsonError(schema, text, error, ignoreUnknownFields, domain);
      }
      if (!mayBeLoose(text)) return message;
      const fault = jsonFault(schema, text, ignoreUnknownFields);
      if (fault !== undefined) throw violationsError([fault], domain);
      return message;
    },
    encode(message, headroom) {
      const text = toJsonString(schema, message, jsonOptions);
      const bytes = Buffer.allocUnsafe(headroom + Buffer.byteLength(text));
      bytes.write(text, headroom);
      return bytes;
    },
  };
}

function jsonError(
  schema: DescMessage,
  text: string,
  error: unknown,
  ignoreUnknownFields: boolean,
  domain: string,
): ConnectError {
  const syntax = syntaxFault(text);
  if (syntax !== undefined) {
    return new ConnectError(`the message is not valid JSON: ${syntax}`, Code.InvalidArgument);
  }
  const fault = jsonFault(schema, text, ignoreUnknownFields);
  if (fault !== undefined) return violationsError([fault], domain);
  return new ConnectError(shorten((error as Error).message), Code.InvalidArgument);
}
