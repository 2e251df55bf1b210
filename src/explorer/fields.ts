import {
  ScalarType,
  type DescEnum,
  type DescField,
  type DescMessage,
  type JsonValue,
} from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { isObject } from "./json-text.ts";

/** What a single value is: that of a field, an element of a list, a value of a map. */
export type ValueType =
  | { readonly kind: "scalar"; readonly scalar: ScalarType }
  | { readonly kind: "enum"; readonly enum: DescEnum }
  | { readonly kind: "message"; readonly message: DescMessage };

/** What the values of a field are. */
export function valueTypeOf(field: DescField): ValueType {
  if (field.message !== undefined) return { kind: "message", message: field.message };
  if (field.enum !== undefined) return { kind: "enum", enum: field.enum };
  return { kind: "scalar", scalar: field.scalar };
}

/** What proto files call a scalar type. */
export function scalarName(scalar: ScalarType): string {
  return ScalarType[scalar].toLowerCase();
}

/** Whether a field tells that it is not set from the default of its type. */
export function hasPresence(field: DescField): boolean {
  return field.presence !== FeatureSet_FieldPresence.IMPLICIT;
}

/** Where JSON has a field: by either of its names. */
export function nameIn(value: JsonValue | undefined, field: DescField): string {
  return isObject(value) && Object.hasOwn(value, field.jsonName) ? field.jsonName : field.name;
}

/** What JSON says of a field; undefined if nothing. */
export function fieldIn(value: JsonValue | undefined, field: DescField): JsonValue | undefined {
  if (!isObject(value)) return undefined;
  const name = nameIn(value, field);
  // Members such as "constructor" are not inherited by what was read.
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  return found === null ? undefined : found;
}

/** How the well-known types are written that are a text or a number in JSON. */
const textTypes: Readonly<Record<string, string>> = {
  Timestamp: "2026-01-31T12:00:00Z",
  Duration: "90s, or 1.5s",
  FieldMask: "title,createTime",
  DoubleValue: "1.5",
  FloatValue: "1.5",
  Int64Value: "a whole number",
  UInt64Value: "a whole number, not negative",
  Int32Value: "a whole number",
  UInt32Value: "a whole number, not negative",
  BoolValue: "true or false",
  StringValue: "text",
  BytesValue: "base64",
};

const JSON_TYPES = new Set(["Struct", "Value", "ListValue", "Any"]);

const wellKnownName = ({ typeName }: DescMessage): string =>
  typeName.startsWith("google.protobuf.") ? typeName.slice("google.protobuf.".length) : "";

/** How a message is written that is no object in JSON; undefined for all others. */
export function textHint(message: DescMessage): string | undefined {
  const name = wellKnownName(message);
  return Object.hasOwn(textTypes, name) ? textTypes[name] : undefined;
}

/** Whether the JSON of a message has nothing to do with its fields. */
export function isFreeJson(message: DescMessage): boolean {
  return JSON_TYPES.has(wellKnownName(message));
}

/** The scalar that a wrapper such as google.protobuf.StringValue wraps. */
export function wrappedScalar(message: DescMessage): ScalarType | undefined {
  if (!/^(?:\w+)Value$/.test(wellKnownName(message)) || textHint(message) === undefined) {
    return undefined;
  }
  return message.fields[0]?.scalar;
}

/** What is to be written into the field of a scalar. */
export function scalarHint(scalar: ScalarType): string {
  switch (scalar) {
    case ScalarType.STRING:
      return "text";
    case ScalarType.BYTES:
      return "base64";
    case ScalarType.BOOL:
      return "true or false";
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return "a number";
    case ScalarType.UINT32:
    case ScalarType.UINT64:
    case ScalarType.FIXED32:
    case ScalarType.FIXED64:
      return "a whole number, not negative";
    default:
      return "a whole number";
  }
}

/** Whether a scalar has 64 bits, which JSON writes as a text. */
export function isLong(scalar: ScalarType): boolean {
  return ScalarType[scalar].endsWith("64");
}

/**
 * What was typed as JSON. What is no value of the type stays a text as it is, so
 * that nothing typed is lost, and whoever checks the request can tell.
 */
export function jsonOfTyped(scalar: ScalarType, typed: string): JsonValue {
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES || isLong(scalar)) return typed;
  if (scalar === ScalarType.BOOL)
    return typed === "true" ? true : typed === "false" ? false : typed;
  // "1.0" is on the way to "1.05": only what reads the same again is a number.
  return String(Number(typed)) === typed && Number.isFinite(Number(typed)) ? Number(typed) : typed;
}

/** What a value begins with when it is added. */
export function emptyValue(type: ValueType): JsonValue {
  if (type.kind === "enum") return type.enum.values[0]?.name ?? 0;
  if (type.kind === "message") return textHint(type.message) === undefined ? {} : "";
  if (type.scalar === ScalarType.STRING || type.scalar === ScalarType.BYTES) return "";
  if (type.scalar === ScalarType.BOOL) return false;
  return isLong(type.scalar) ? "0" : 0;
}
