import { ScalarType } from "@bufbuild/protobuf";
import type { Form, Schema } from "./schema.ts";

/**
 * The schema of a scalar. What is not described of requests is taken all the
 * same: numbers as strings, and base64 with the alphabet for URLs. NaN and the
 * infinities, which are strings in ProtoJSON, are left out: with them no
 * generator could call any number a number.
 */
export function scalarSchema(scalar: ScalarType, form: Form): Schema {
  switch (scalar) {
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.STRING:
      return { type: "string" };
    case ScalarType.BYTES:
      // The format is older than contentEncoding, and what more generators know.
      return { type: "string", format: "byte", contentEncoding: "base64" };
    case ScalarType.DOUBLE:
      return { type: "number", format: "double" };
    case ScalarType.FLOAT:
      return { type: "number", format: "float" };
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return { type: "integer", format: "int32" };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { type: "integer", format: "uint32", minimum: 0 };
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return { type: longType(form), format: "int64", pattern: "^-?\\d+$" };
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { type: longType(form), format: "uint64", pattern: "^\\d+$" };
  }
}

/** Numbers beyond 2^53 are not safe in JSON: answers have them as strings. */
function longType(form: Form): string | string[] {
  return form === "request" ? ["string", "integer"] : "string";
}

/** The schema of a map's keys, which are strings in JSON; undefined if they can be any. */
export function keySchema(scalar: ScalarType): Schema | undefined {
  switch (scalar) {
    case ScalarType.STRING:
      return undefined;
    case ScalarType.BOOL:
      return { enum: ["true", "false"] };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { pattern: "^\\d+$" };
    default:
      return { pattern: "^-?\\d+$" };
  }
}
