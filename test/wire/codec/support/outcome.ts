import {
  type DescMessage,
  fromBinary,
  isFieldSet,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { binaryCodec } from "../../../../src/wire/codec/binary-codec.ts";

/** What a codec makes of something, or the message of what it throws. */
type Outcome<T> = { readonly value: T } | { readonly error: string };

interface Codec {
  /** The message, and which of its fields are set. */
  decode(schema: DescMessage, bytes: Uint8Array): Outcome<{ message: Message; set: boolean[] }>;
  /** The bytes in hexadecimal digits. */
  encode(schema: DescMessage, message: Message): Outcome<string>;
}

function outcome<T>(work: () => T): Outcome<T> {
  try {
    return { value: work() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function inspect(schema: DescMessage, message: Message): { message: Message; set: boolean[] } {
  return { message, set: schema.fields.map((field) => isFieldSet(message, field)) };
}

export const ours: Codec = {
  decode: (schema, bytes) => outcome(() => inspect(schema, binaryCodec(schema).decode(bytes))),
  encode: (schema, message) =>
    outcome(() => binaryCodec(schema).encode(message, 5).toString("hex", 5)),
};

/** Those of protobuf-es. */
export const theirs: Codec = {
  decode: (schema, bytes) => outcome(() => inspect(schema, fromBinary(schema, bytes))),
  encode: (schema, message) =>
    outcome(() => Buffer.from(toBinary(schema, message)).toString("hex")),
};
