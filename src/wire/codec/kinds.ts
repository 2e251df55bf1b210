import { ScalarType } from "@bufbuild/protobuf";

/** How the value of a field, or of one of its elements, is written. */
export type Kind =
  | "double"
  | "float"
  | "int64"
  | "uint64"
  | "int32"
  | "fixed64"
  | "fixed32"
  | "bool"
  | "string"
  | "bytes"
  | "uint32"
  | "sfixed32"
  | "sfixed64"
  | "sint32"
  | "sint64"
  | "message";

/** The wire types that a message is made of. Groups (3 and 4) are not written. */
export const VARINT = 0;
export const BIT64 = 1;
export const LENGTH_DELIMITED = 2;
export const BIT32 = 5;

const scalarKinds: Readonly<Record<ScalarType, Kind>> = {
  [ScalarType.DOUBLE]: "double",
  [ScalarType.FLOAT]: "float",
  [ScalarType.INT64]: "int64",
  [ScalarType.UINT64]: "uint64",
  [ScalarType.INT32]: "int32",
  [ScalarType.FIXED64]: "fixed64",
  [ScalarType.FIXED32]: "fixed32",
  [ScalarType.BOOL]: "bool",
  [ScalarType.STRING]: "string",
  [ScalarType.BYTES]: "bytes",
  [ScalarType.UINT32]: "uint32",
  [ScalarType.SFIXED32]: "sfixed32",
  [ScalarType.SFIXED64]: "sfixed64",
  [ScalarType.SINT32]: "sint32",
  [ScalarType.SINT64]: "sint64",
};

/** The kind of a scalar. */
export function kindOf(scalar: ScalarType): Kind {
  return scalarKinds[scalar];
}

/** The wire type of a value of a kind. */
export function wireTypeOf(kind: Kind): number {
  switch (kind) {
    case "string":
    case "bytes":
    case "message":
      return LENGTH_DELIMITED;
    case "double":
    case "fixed64":
    case "sfixed64":
      return BIT64;
    case "float":
    case "fixed32":
    case "sfixed32":
      return BIT32;
    default:
      return VARINT;
  }
}
