import type { Field, Fields, MessageType, UnknownField } from "./message-type.ts";
import { LENGTH_DELIMITED, type Kind } from "./kinds.ts";
import { Reader } from "./reader.ts";
import { structToJson } from "./struct.ts";
import { readTime } from "./time.ts";
import { unusual } from "./unusual.ts";

/** How deep messages may be nested, as in protobuf-es. */
const maxDepth = 100;

/** @throws `unusual` for what is left to protobuf-es. */
export function decode(type: MessageType, bytes: Uint8Array): Fields {
  const reader = new Reader(bytes);
  const message = type.blank();
  readFields(reader, type, message, bytes.length, 1);
  return message;
}

function readFields(
  reader: Reader,
  type: MessageType,
  message: Fields,
  end: number,
  depth: number,
): void {
  if (depth > maxDepth) throw unusual;
  let unknown: UnknownField[] | undefined;
  while (reader.pos < end) {
    const tag = reader.tag();
    const number = tag >>> 3;
    const wireType = tag & 7;
    const field = number < type.low.length ? type.low[number] : type.high.get(number);
    if (field === undefined) {
      unknown ??= message.$unknown ?? [];
      unknown.push({ no: number, wireType, data: reader.skip(wireType) });
    } else if (field.rare) {
      throw unusual;
    } else if (field.shape === "singular") {
      if (wireType !== field.wireType) throw unusual;
      readSingular(reader, field, message, depth);
    } else if (field.shape === "list") {
      readElements(reader, field, message[field.name] as unknown[], wireType, depth);
    } else {
      if (wireType !== LENGTH_DELIMITED) throw unusual;
      readEntry(reader, field, message[field.name] as Record<string, unknown>, depth);
    }
  }
  if (reader.pos !== end) throw unusual;
  if (unknown !== undefined) message.$unknown = unknown;
}

function readSingular(reader: Reader, field: Field, message: Fields, depth: number): void {
  const { name, oneof } = field;
  if (oneof === undefined) {
    message[name] =
      field.type === undefined
        ? readScalar(reader, field)
        : readMessage(reader, field, field.type, message[name], depth);
    return;
  }
  let value: unknown;
  if (field.type === undefined) {
    value = readScalar(reader, field);
  } else {
    const held = message[oneof] as { case: unknown; value: unknown };
    const existing = held.case === name ? held.value : undefined;
    value = readMessage(reader, field, field.type, existing, depth);
  }
  message[oneof] = { case: name, value };
}

/** The value of a singular field or of an element. */
function readScalar(reader: Reader, field: Field): unknown {
  const value = readKind(reader, field.kind);
  if (field.digits) return String(value);
  if (field.closed !== undefined && !field.closed.has(value as number)) throw unusual;
  return value;
}

/** @param existing what the message is merged into, if the field was there before. */
function readMessage(
  reader: Reader,
  field: Field,
  type: MessageType,
  existing: unknown,
  depth: number,
): unknown {
  const end = reader.end();
  if (field.held === "message") {
    const message = existing === undefined ? type.blank() : (existing as Fields);
    readFields(reader, type, message, end, depth + 1);
    return message;
  }
  if (existing !== undefined || depth === maxDepth) throw unusual;
  if (field.held === "time") return readTime(reader, type, end);
  const message = type.blank();
  readFields(reader, type, message, end, depth + 1);
  return field.held === "value" ? message["value"] : structToJson(message);
}

function readElements(
  reader: Reader,
  field: Field,
  elements: unknown[],
  wireType: number,
  depth: number,
): void {
  if (wireType === field.wireType) {
    elements.push(
      field.type === undefined
        ? readScalar(reader, field)
        : readMessage(reader, field, field.type, undefined, depth),
    );
    return;
  }
  if (wireType !== LENGTH_DELIMITED) throw unusual;
  const end = reader.end();
  while (reader.pos < end) elements.push(readScalar(reader, field));
  if (reader.pos !== end) throw unusual;
}

function readEntry(
  reader: Reader,
  field: Field,
  entries: Record<string, unknown>,
  depth: number,
): void {
  const end = reader.end();
  let key: unknown;
  let value: unknown;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === field.keyTag) {
      key = readKind(reader, field.keyKind);
    } else if (tag === field.valueTag) {
      value =
        field.type === undefined
          ? readKind(reader, field.kind)
          : readMessage(reader, field, field.type, value, depth);
    } else throw unusual;
  }
  if (reader.pos !== end) throw unusual;
  const name = String(key ?? field.keyZero);
  // It would not become an entry.
  if (name === "__proto__") throw unusual;
  entries[name] = value ?? emptyValue(field);
}

/** The value of an entry that has none. */
function emptyValue(field: Field): unknown {
  if (field.type === undefined) {
    return field.kind === "bytes" ? new Uint8Array(0) : field.valueZero;
  }
  return field.held === "json" ? {} : field.type.blank();
}

function readKind(reader: Reader, kind: Kind): unknown {
  switch (kind) {
    case "string":
      return reader.text();
    case "int32":
      return reader.varint32() | 0;
    case "int64":
      return reader.int64();
    case "bool":
      return reader.bool();
    case "double":
      return reader.fixed(8).getFloat64(reader.pos - 8, true);
    case "bytes":
      return reader.blob();
    case "uint32":
      return reader.varint32();
    case "uint64":
      return reader.uint64();
    case "sint32": {
      const zigzag = reader.varint32();
      return (zigzag >>> 1) ^ -(zigzag & 1);
    }
    case "sint64":
      return reader.sint64();
    case "float":
      return reader.fixed(4).getFloat32(reader.pos - 4, true);
    case "fixed32":
      return reader.fixed(4).getUint32(reader.pos - 4, true);
    case "sfixed32":
      return reader.fixed(4).getInt32(reader.pos - 4, true);
    case "fixed64":
      return reader.fixed(8).getBigUint64(reader.pos - 8, true);
    case "sfixed64":
      return reader.fixed(8).getBigInt64(reader.pos - 8, true);
    case "message":
      throw unusual;
  }
}
