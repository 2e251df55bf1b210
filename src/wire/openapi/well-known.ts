import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { scalarSchema } from "./scalars.ts";
import type { Form, Schema } from "./schema.ts";

/**
 * The schema of a message that ProtoJSON does not write as an object with its
 * fields; undefined for every other.
 */
export function wellKnownSchema({ typeName }: DescMessage, form: Form): Schema | undefined {
  const wrapped = wrappers[typeName];
  return wrapped === undefined ? forms[typeName] : scalarSchema(wrapped, form);
}

const forms: Readonly<Record<string, Schema>> = {
  "google.protobuf.Timestamp": { type: "string", format: "date-time" },
  // Not format "duration", which is that of ISO 8601.
  "google.protobuf.Duration": { type: "string", pattern: "^-?\\d+(\\.\\d{1,9})?s$" },
  "google.protobuf.FieldMask": { type: "string" },
  "google.protobuf.Struct": { type: "object", additionalProperties: true },
  "google.protobuf.ListValue": { type: "array", items: {} },
  "google.protobuf.Value": {},
  "google.protobuf.Any": {
    type: "object",
    properties: { "@type": { type: "string" } },
    required: ["@type"],
    additionalProperties: true,
  },
};

/** Messages that stand for a scalar that may be absent. */
const wrappers: Readonly<Record<string, ScalarType>> = {
  "google.protobuf.DoubleValue": ScalarType.DOUBLE,
  "google.protobuf.FloatValue": ScalarType.FLOAT,
  "google.protobuf.Int64Value": ScalarType.INT64,
  "google.protobuf.UInt64Value": ScalarType.UINT64,
  "google.protobuf.Int32Value": ScalarType.INT32,
  "google.protobuf.UInt32Value": ScalarType.UINT32,
  "google.protobuf.BoolValue": ScalarType.BOOL,
  "google.protobuf.StringValue": ScalarType.STRING,
  "google.protobuf.BytesValue": ScalarType.BYTES,
};

/** How a well-known type is written, for its description; "" where the schema says it all. */
export function wellKnownNote({ typeName }: DescMessage): string {
  return notes[typeName] ?? "";
}

const notes: Readonly<Record<string, string>> = {
  "google.protobuf.Duration": 'Seconds, such as "90s" or "1.5s".',
  "google.protobuf.FieldMask":
    'Names of fields in camelCase with commas between, such as "id,displayName".',
  "google.protobuf.Any": "Any message: its type in `@type`, beside its fields.",
};
