import { create, type Message, toBinary } from "@bufbuild/protobuf";
import { StringValueSchema, TimestampSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { binaryCodec } from "../../../src/wire/codec/binary-codec.ts";
import { decode } from "../../../src/wire/codec/decode.ts";
import { messageType } from "../../../src/wire/codec/message-type.ts";
import { Groups, Inherited, Proto2, Proto3 } from "./support/contract.ts";
import { ours, theirs } from "./support/outcome.ts";

type Init = Record<string, unknown>;

const numberOf = (name: string): number =>
  Proto3.fields.find((field) => field.name === name)?.number ?? 0;

/** A field with a length, of a message with one byte of content at least. */
function delimited(number: number, content: Uint8Array): Buffer {
  const varint = (value: number): number[] =>
    value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
  return Buffer.concat([
    Buffer.from([...varint((number << 3) | 2), ...varint(content.length)]),
    content,
  ]);
}

/** A message of `depth` messages within each other. */
function nested(depth: number): Buffer {
  let bytes: Buffer = Buffer.alloc(0);
  for (let i = 1; i < depth; i++) bytes = delimited(numberOf("m0"), bytes);
  return bytes;
}

describe("decoding", () => {
  it("should refuse messages nested deeper than 100, however deep", () => {
    for (const depth of [99, 100, 101, 5000])
      expect(ours.decode(Proto3, nested(depth))).toStrictEqual(
        theirs.decode(Proto3, nested(depth)),
      );
    expect(() => decode(messageType(Proto3), nested(100))).not.toThrow();
    expect(() => binaryCodec(Proto3).decode(nested(101))).toThrow("recursion");
    expect(() => binaryCodec(Proto3).decode(nested(5000))).toThrow("recursion");
  });

  it("should count a Timestamp as a level of its own", () => {
    const time = delimited(numberOf("m1"), Buffer.from([0x08, 0x01]));
    for (const depth of [98, 99, 100, 101]) {
      let bytes = time;
      for (let i = 1; i < depth; i++) bytes = delimited(numberOf("m0"), bytes);
      expect(ours.decode(Proto3, bytes)).toStrictEqual(theirs.decode(Proto3, bytes));
    }
  });

  it("should refuse text that is not UTF-8, and keep what only looks odd", () => {
    const texts = ["\uFEFFx", "\uFFFD", "é", "x".repeat(40) + "\uFFFD", "\u{1F600}"];
    for (const text of texts) {
      const bytes = toBinary(StringValueSchema, create(StringValueSchema, { value: text }));
      expect(binaryCodec(StringValueSchema).decode(bytes)).toMatchObject({ value: text });
    }
    for (const hex of ["80", "c3", "eda080", "f5808080", "c080", `${"61".repeat(40)}ff`]) {
      const bytes = delimited(1, Buffer.from(hex, "hex"));
      expect(ours.decode(StringValueSchema, bytes)).toStrictEqual(
        theirs.decode(StringValueSchema, bytes),
      );
      expect(() => binaryCodec(StringValueSchema).decode(bytes)).toThrow("not valid");
      expect(ours.decode(Proto2, delimited(numberOf("s9"), Buffer.from(hex, "hex")))).toStrictEqual(
        theirs.decode(Proto2, delimited(numberOf("s9"), Buffer.from(hex, "hex"))),
      );
    }
  });

  it("should take no byte before or behind the bytes that it is given", () => {
    const bytes = toBinary(StringValueSchema, create(StringValueSchema, { value: "seen" }));
    const around = Buffer.concat([Buffer.alloc(7, 0xff), bytes, bytes]);
    const view = around.subarray(7, 7 + bytes.length);
    expect(binaryCodec(StringValueSchema).decode(view)).toMatchObject({ value: "seen" });
    const cut = around.subarray(7, 6 + bytes.length);
    expect(() => binaryCodec(StringValueSchema).decode(cut)).toThrow("premature EOF");
  });

  it("should hand out views of the bytes, of their class", () => {
    const bytes = delimited(numberOf("s12"), Buffer.from("abc"));
    const { s12: view } = binaryCodec(Proto3).decode(new Uint8Array(bytes)) as Message & {
      s12: Uint8Array;
    };
    expect(view).toStrictEqual(new Uint8Array(Buffer.from("abc")));
    expect(ours.decode(Proto3, bytes)).toStrictEqual(theirs.decode(Proto3, bytes));
  });

  it("should not share lists, maps or oneofs among messages", () => {
    const codec = binaryCodec(Proto3);
    const parts = (message: Message) =>
      Object.values(message).filter(
        (value) => typeof value === "object" && !(value instanceof Uint8Array),
      );
    const first = parts(codec.decode(Buffer.alloc(0)));
    const second = new Set(parts(codec.decode(Buffer.alloc(0))));
    expect(first.length).toBeGreaterThan(50);
    expect(first.filter((part) => second.has(part))).toEqual([]);
  });

  it("should leave groups, and names that objects inherit, to protobuf-es", () => {
    expect(ours.decode(Groups, Buffer.from("0801130a0178141b0a01791c", "hex"))).toStrictEqual(
      theirs.decode(Groups, Buffer.from("0801130a0178141b0a01791c", "hex")),
    );
    expect(ours.decode(Groups, Buffer.from("0801130a017814130a01791c", "hex"))).toStrictEqual(
      theirs.decode(Groups, Buffer.from("0801130a017814130a01791c", "hex")),
    );
    for (const hex of [
      "0a0161",
      "12020a00",
      "1205",
      "1807",
      "220161",
      "2a0161",
      "2b2c",
      "2b2b2c2c",
    ]) {
      expect(ours.decode(Inherited, Buffer.from(hex, "hex"))).toStrictEqual(
        theirs.decode(Inherited, Buffer.from(hex, "hex")),
      );
    }
  });

  it("should keep an own key __proto__ of maps and of Struct", () => {
    const struct = { fields: { value: 1 } };
    const json = JSON.parse('{"__proto__": {"a": 1}}') as Record<string, never>;
    const message = create(Proto3, { m4: json, VM9: struct.fields } as Init);
    expect(ours.encode(Proto3, message)).toStrictEqual(theirs.encode(Proto3, message));
    expect(ours.decode(Proto3, toBinary(Proto3, message))).toStrictEqual(
      theirs.decode(Proto3, toBinary(Proto3, message)),
    );
  });
});

describe("encoding", () => {
  const odd = [
    undefined,
    null,
    true,
    "",
    "7",
    "x",
    "007",
    1.5,
    -0,
    -1,
    2 ** 31,
    2 ** 32,
    1e300,
    Number.NaN,
    5n,
    -1n,
    2n ** 63n,
    2n ** 64n,
    [],
    {},
    new Uint8Array([1, 2]),
    { $typeName: "google.protobuf.Timestamp", seconds: 1, nanos: 0 },
    { $typeName: "google.protobuf.Timestamp", seconds: 1n },
    { $typeName: "codec.three.Other" },
  ];

  it("should make of values of other types what protobuf-es makes of them", () => {
    for (const { localName } of Proto3.members) {
      for (const value of odd) {
        const cases = [value, [value], { x: value }, { 7: value }, { true: value }];
        for (const property of [...cases, { case: "c5", value }, { case: "mc1", value }]) {
          const message = create(Proto3);
          Object.assign(message, { [localName]: property });
          expect(ours.encode(Proto3, message)).toStrictEqual(theirs.encode(Proto3, message));
        }
      }
    }
  });

  it("should name the field whose value is out of range", () => {
    const message = create(TimestampSchema, { nanos: 2 ** 31 });
    expect(() => binaryCodec(TimestampSchema).encode(message, 0)).toThrow(
      "cannot encode field google.protobuf.Timestamp.nanos to binary: invalid int32: 2147483648",
    );
  });

  it("should write unknown fields, defaults that are set, and what is inherited as protobuf-es does", () => {
    const data = new Uint8Array([1]);
    const $unknown = [{ no: 4000, wireType: 0, data }];
    expect(
      ours.encode(Proto3, Object.assign(create(Proto3, { s5: 1 } as Init), { $unknown })),
    ).toStrictEqual(
      theirs.encode(Proto3, Object.assign(create(Proto3, { s5: 1 } as Init), { $unknown })),
    );
    expect(ours.encode(Proto2, create(Proto2, { s5: 0, s9: "", e: 2 } as Init))).toStrictEqual(
      theirs.encode(Proto2, create(Proto2, { s5: 0, s9: "", e: 2 } as Init)),
    );
    expect(
      ours.encode(Groups, create(Groups, { id: 0, part: { text: "a" }, big: 7n } as Init)),
    ).toStrictEqual(
      theirs.encode(Groups, create(Groups, { id: 0, part: { text: "a" }, big: 7n } as Init)),
    );
    expect(ours.encode(Groups, create(Groups))).toStrictEqual(
      theirs.encode(Groups, create(Groups)),
    );
    const plain = create(Proto3, { s5: 1, o5: 2, m1: { seconds: 3n } } as Init);
    expect(ours.encode(Proto3, Object.create(plain) as Message)).toStrictEqual(
      theirs.encode(Proto3, Object.create(plain) as Message),
    );
    expect(
      ours.encode(Proto3, Object.assign(Object.create(null) as object, plain) as Message),
    ).toStrictEqual(
      theirs.encode(Proto3, Object.assign(Object.create(null) as object, plain) as Message),
    );
    expect(ours.encode(Proto3, null as unknown as Message)).toStrictEqual(
      theirs.encode(Proto3, null as unknown as Message),
    );
    expect(ours.encode(Proto3, create(TimestampSchema) as Message)).toStrictEqual(
      theirs.encode(Proto3, create(TimestampSchema) as Message),
    );
  });

  it("should leave the headroom, and share no byte with what it returned before", () => {
    const codec = binaryCodec(StringValueSchema);
    const first = codec.encode(create(StringValueSchema, { value: "first" }), 5);
    first.fill(0, 0, 5);
    const second = codec.encode(create(StringValueSchema, { value: "second" }), 5);
    second.fill(1);
    expect(first.toString("latin1")).toBe("\0\0\0\0\0\n\x05first");
    expect(second.length).toBe(5 + 2 + 6);
  });

  it("should write messages of all lengths around those that need another byte", () => {
    const lengths = [
      0, 1, 11, 12, 13, 42, 43, 127, 128, 4095, 4096, 16_383, 16_384, 70_000, 2_100_000,
    ];
    for (const length of lengths) {
      for (const text of ["x".repeat(length), "é".repeat(length / 2), "€".repeat(length / 3)]) {
        const message = create(Proto3, { m0: { s9: text }, r9: [text, "y"] } as Init);
        expect(ours.encode(Proto3, message)).toStrictEqual(theirs.encode(Proto3, message));
      }
    }
  });

  it("should not mix up messages when one is encoded while another is", () => {
    const codec = binaryCodec(StringValueSchema);
    const inner = create(StringValueSchema, { value: "inner" });
    const outer = create(Proto3, { r9: ["before"] } as Init);
    let within: Buffer | undefined;
    Object.defineProperty(outer, "s9", {
      enumerable: true,
      get: () => {
        within = codec.encode(inner, 0);
        return "outer";
      },
    });
    expect(ours.encode(Proto3, outer)).toStrictEqual(theirs.encode(Proto3, outer));
    expect(within?.toString("latin1")).toBe("\n\x05inner");
  });

  it("should fail as protobuf-es does for a message that contains itself", () => {
    const message = create(Proto3);
    Object.assign(message, { m0: message });
    expect(() => binaryCodec(Proto3).encode(message, 0)).toThrow(RangeError);
    expect(ours.encode(Proto3, create(Proto3, { s9: "after" } as Init))).toStrictEqual(
      theirs.encode(Proto3, create(Proto3, { s9: "after" } as Init)),
    );
  });

  it("should write values of every kind that google.protobuf.Value has", () => {
    const json = { a: null, b: [1, "x", [true, {}]], c: { d: -0 } };
    expect(ours.encode(Proto3, create(Proto3, { m4: json } as Init))).toStrictEqual(
      theirs.encode(Proto3, create(Proto3, { m4: json } as Init)),
    );
    expect(ours.encode(ValueSchema, create(ValueSchema))).toStrictEqual(
      theirs.encode(ValueSchema, create(ValueSchema)),
    );
  });
});

it("should be made once for each type", () => {
  expect(binaryCodec(Proto3)).toBe(binaryCodec(Proto3));
});

it("should work where code cannot be made from strings", () => {
  const script = `
    import { create } from "@bufbuild/protobuf";
    import { TimestampSchema } from "@bufbuild/protobuf/wkt";
    import { binaryCodec } from "./src/wire/codec/binary-codec.ts";
    const codec = binaryCodec(TimestampSchema);
    const bytes = codec.encode(create(TimestampSchema, { seconds: 5n }), 0);
    console.log(String(codec.decode(bytes).seconds));
  `;
  const output = execFileSync(
    process.execPath,
    ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", script],
    { cwd: new URL("../../..", import.meta.url), encoding: "utf8" },
  );
  expect(output).toBe("5\n");
});
