import {
  create,
  type DescField,
  type DescMessage,
  type DescOneof,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import * as fc from "fast-check";

const int32 = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(0, -1, 127, 128, 16_383, 16_384, -(2 ** 31), 2 ** 31 - 1),
);
const uint32 = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 127, 128, 2 ** 31, 2 ** 32 - 1),
);
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 1n, 2n ** 32n, 2n ** 31n, -(2n ** 63n), 2n ** 63n - 1n),
);
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 2n ** 28n, 2n ** 35n - 1n, 2n ** 63n, 2n ** 64n - 1n),
);
const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, 1));
/** Of all lengths that are written in a way of their own, with halves of surrogate pairs. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom("\uFEFFx", "\uFFFD", "a\uD800b", "\uDC00", "x".repeat(127), "x".repeat(128)),
  fc.constantFrom("é".repeat(64), "€".repeat(43), "\u{1F600}".repeat(5), "z".repeat(5000)),
);

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.DOUBLE:
      return double;
    case ScalarType.FLOAT:
      return double.map(Math.fround);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return int64;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return uint64;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return uint32;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.STRING:
      return text;
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 200 });
    default:
      return int32;
  }
}

/** Messages of a type with random content, nested up to `depth` times. */
export function messagesOf(schema: DescMessage, depth = 2): fc.Arbitrary<Message> {
  const members = schema.members.flatMap((member) => {
    const value = member.kind === "oneof" ? choice(member, depth) : valueOf(member, depth);
    return value === undefined ? [] : [{ name: member.localName, value }];
  });
  // A few at a time, or large types would be slow.
  return fc
    .subarray(members, { maxLength: Math.min(12, members.length) })
    .chain((some) => fc.record(Object.fromEntries(some.map(({ name, value }) => [name, value]))))
    .map((init) => create(schema, init));
}

function choice({ fields }: DescOneof, depth: number): fc.Arbitrary<unknown> | undefined {
  const cases = fields.flatMap((field) => {
    const value = valueOf(field, depth);
    return value === undefined
      ? []
      : [value.map((inner) => ({ case: field.localName, value: inner }))];
  });
  return cases.length === 0 ? undefined : fc.oneof(...cases);
}

function valueOf(field: DescField, depth: number): fc.Arbitrary<unknown> | undefined {
  const single = elementOf(field, depth);
  if (single === undefined) return undefined;
  if (field.fieldKind === "list") return fc.array(single, { maxLength: 5 });
  if (field.fieldKind !== "map") return single;
  return fc.dictionary(scalar(field.mapKey).map(String), single, { maxKeys: 4 });
}

function elementOf(field: DescField, depth: number): fc.Arbitrary<unknown> | undefined {
  const { message } = field;
  if (message !== undefined) {
    if (field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(message)) {
      return scalar(message.fields[0]?.scalar ?? ScalarType.STRING);
    }
    if (
      message.typeName === "google.protobuf.Struct" &&
      field.parent.typeName !== "google.protobuf.Value"
    ) {
      return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    }
    return depth === 0
      ? undefined
      : fc.constant(undefined).chain(() => messagesOf(message, depth - 1));
  }
  if (field.enum !== undefined) {
    const known = fc.constantFrom(...field.enum.values.map(({ number }) => number));
    return fc.oneof(known, int32);
  }
  const digits = "longAsString" in field && field.longAsString;
  return digits ? scalar(field.scalar).map(String) : scalar(field.scalar);
}
