import { type DescMessage, toBinary } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../src/wire/codec/decode.ts";
import { encode } from "../../../src/wire/codec/encode.ts";
import { type Fields, messageType } from "../../../src/wire/codec/message-type.ts";
import { Groups, Inherited, Proto2, Proto3 } from "./support/contract.ts";
import { messagesOf } from "./support/messages.ts";
import { ours, theirs } from "./support/outcome.ts";
import { contractTypes } from "./support/schemas.ts";

const rich = [Proto3, Proto2, Groups, Inherited];
const contract = await contractTypes();

function check<T>(runs: number, values: fc.Arbitrary<T>, verify: (value: T) => void): void {
  // What a matcher returns is not what a property returns.
  const holds = fc.property(values, (value) => {
    verify(value);
  });
  fc.assert(holds, { numRuns: runs });
}

function encoded(schema: DescMessage): fc.Arbitrary<Uint8Array> {
  return messagesOf(schema).map((message) => {
    try {
      return toBinary(schema, message);
    } catch {
      // Without a required field.
      return new Uint8Array();
    }
  });
}

/** Bytes of a message in which some are changed. */
function damaged(schema: DescMessage): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  return fc.tuple(encoded(schema), changes).map(([bytes, changed]) => {
    const copy = Uint8Array.from(bytes);
    for (const [at, byte] of changed) if (copy.length > 0) copy[at % copy.length] = byte;
    return copy;
  });
}

describe.each(rich)("the codec of $typeName", (schema) => {
  it("should encode as protobuf-es does", () => {
    check(300, messagesOf(schema), (message) =>
      expect(ours.encode(schema, message)).toStrictEqual(theirs.encode(schema, message)),
    );
  });

  it("should decode as protobuf-es does", () => {
    check(300, encoded(schema), (bytes) =>
      expect(ours.decode(schema, bytes)).toStrictEqual(theirs.decode(schema, bytes)),
    );
  });

  it("should decode two messages that are merged as protobuf-es does", () => {
    check(200, fc.tuple(encoded(schema), encoded(schema)), (pair) =>
      expect(ours.decode(schema, Buffer.concat(pair))).toStrictEqual(
        theirs.decode(schema, Buffer.concat(pair)),
      ),
    );
  });

  it("should make of damaged bytes what protobuf-es makes of them", () => {
    check(500, damaged(schema), (bytes) =>
      expect(ours.decode(schema, bytes)).toStrictEqual(theirs.decode(schema, bytes)),
    );
  });

  it("should make of random bytes what protobuf-es makes of them", () => {
    check(500, fc.uint8Array({ maxLength: 60 }), (bytes) =>
      expect(ours.decode(schema, bytes)).toStrictEqual(theirs.decode(schema, bytes)),
    );
  });

  it("should make of what ends too early what protobuf-es makes of it", () => {
    check(20, encoded(schema), (bytes) => {
      for (let end = 0; end <= Math.min(bytes.length, 300); end++) {
        expect(ours.decode(schema, bytes.subarray(0, end))).toStrictEqual(
          theirs.decode(schema, bytes.subarray(0, end)),
        );
      }
    });
  });
});

describe("the codecs of the contract", () => {
  it("should do as protobuf-es does for every type", () => {
    for (const schema of contract) {
      check(15, messagesOf(schema), (message) =>
        expect(ours.encode(schema, message)).toStrictEqual(theirs.encode(schema, message)),
      );
      check(15, encoded(schema), (bytes) =>
        expect(ours.decode(schema, bytes)).toStrictEqual(theirs.decode(schema, bytes)),
      );
      check(15, damaged(schema), (bytes) =>
        expect(ours.decode(schema, bytes)).toStrictEqual(theirs.decode(schema, bytes)),
      );
    }
  });

  it("should not need protobuf-es for any message", () => {
    for (const schema of contract) {
      const type = messageType(schema);
      check(15, messagesOf(schema), (message) => {
        const bytes = encode(type, message as unknown as Fields, 0);
        expect(decode(type, bytes)).toHaveProperty("$typeName", schema.typeName);
      });
    }
  });
});
