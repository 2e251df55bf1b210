import type { Kind } from "./kinds.ts";
import type { Field, Fields, MessageType, UnknownField } from "./message-type.ts";
import { jsonToStruct } from "./struct.ts";
import { writeTime } from "./time.ts";
import { unusual } from "./unusual.ts";
import { Writer } from "./writer.ts";

const writer = new Writer();

/**
 * @param headroom how many bytes are left at the beginning, with any content.
 * @throws `unusual`, or anything else, for what is left to protobuf-es.
 */
export function encode(type: MessageType, message: Fields, headroom: number): Buffer {
  // Not always 0: a getter of the message may encode another one.
  const start = writer.pos;
  try {
    writeFields(type, message);
    return writer.copy(start, headroom);
  } finally {
    writer.rewind(start);
  }
}

function writeFields(type: MessageType, message: Fields): void {
  const { fields } = type;
  const values = valuesOf(type, message);
  if (values[0] !== type.name) throw unusual;
  // By index: an iterator costs as much as a field.
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as Field;
    const value = values[field.slot];
    if (value !== undefined) {
      if (field.oneof === undefined) writeField(field, value);
      else writeCase(field, value as { case: unknown; value: unknown });
    } else if (!field.optional) {
      throw unusual;
    }
  }
  const unknown = values[type.properties.length - 1] as UnknownField[] | undefined;
  if (unknown !== undefined) {
    for (const { no, wireType, data } of unknown) {
      if (!(data instanceof Uint8Array)) throw unusual;
      writer.uint32(((no << 3) | wireType) >>> 0);
      writer.raw(data);
    }
  }
}

/**
 * The values of a message at the slots of their properties. To go through the
 * properties is three times as fast as to ask for one after the other: code for
 * all types cannot know where one has which.
 */
function valuesOf(type: MessageType, message: Fields): unknown[] {
  const { properties, slots, hasPrototype } = type;
  if (!hasPrototype && Object.getPrototypeOf(message) !== Object.prototype) throw unusual;
  const values: unknown[] = type.absent.slice();
  let next = 0;
  for (const name in message) {
    const slot = properties[next] === name ? next : slots.get(name);
    if (slot === undefined || (hasPrototype && !Object.hasOwn(message, name))) continue;
    values[slot] = message[name];
    next = slot + 1;
  }
  return values;
}

function writeField(field: Field, value: unknown): void {
  if (field.shape === "list") writeElements(field, value);
  else if (field.shape === "map") writeEntries(field, value as Record<string, unknown>);
  else if (field.zero === undefined || !isZero(field, value)) writeValue(field, value);
}

function writeCase(field: Field, oneof: { case: unknown; value: unknown }): void {
  if (oneof.case === field.name) writeValue(field, oneof.value);
}

function isZero({ zero, kind }: Field, value: unknown): boolean {
  // -0 is not zero to a float, but is to an integer.
  if (value === zero) return !Object.is(value, -0) || (kind !== "double" && kind !== "float");
  return kind === "bytes" && value instanceof Uint8Array && value.length === 0;
}

/** A singular field, or an element that is not packed. */
function writeValue(field: Field, value: unknown): void {
  if (field.type === undefined) {
    writer.varint32(field.tag);
    writeKind(field.kind, field.digits ? integerOf(value) : value);
  } else {
    writeMessage(field, field.type, field.tag, value);
  }
}

function writeMessage(field: Field, type: MessageType, tag: number, value: unknown): void {
  if (field.rare) throw unusual;
  writer.varint32(tag);
  if (field.held === "time")
    return writeTime(writer, type, value as Parameters<typeof writeTime>[2]);
  const { lengthBytes } = field;
  const start = writer.open(lengthBytes);
  writeFields(type, messageOf(field, type, value));
  field.lengthBytes = writer.close(start, lengthBytes);
}

function messageOf(field: Field, type: MessageType, value: unknown): Fields {
  if (field.held === "message") return value as Fields;
  if (field.held === "json") return jsonToStruct(value);
  const wrapper = type.blank();
  wrapper["value"] = value;
  return wrapper;
}

function writeElements(field: Field, elements: unknown): void {
  if (!Array.isArray(elements)) throw unusual;
  if (elements.length === 0) return;
  if (!field.packed) {
    for (const element of elements) writeValue(field, element);
    return;
  }
  writer.varint32(field.tag);
  const { lengthBytes } = field;
  const start = writer.open(lengthBytes);
  for (const element of elements) {
    writeKind(field.kind, field.digits ? integerOf(element) : element);
  }
  field.lengthBytes = writer.close(start, lengthBytes);
}

function writeEntries(field: Field, entries: Record<string, unknown>): void {
  for (const key of Object.keys(entries)) {
    const value = entries[key];
    writer.varint32(field.tag);
    const start = writer.open(1);
    writer.varint32(field.keyTag);
    writeKind(field.keyKind, keyOf(field.keyKind, key));
    if (field.type === undefined) {
      writer.varint32(field.valueTag);
      writeKind(field.kind, value);
    } else {
      writeMessage(field, field.type, field.valueTag, value);
    }
    writer.close(start, 1);
  }
}

/** A key as a value of its kind, out of the name of a property. */
function keyOf(kind: Kind, name: string): unknown {
  if (kind === "string") return name;
  if (kind === "bool") return name === "true" || (name === "false" ? false : name);
  if (kind.endsWith("64")) return integerOf(name);
  const number = Number(name);
  if (String(number) !== name) throw unusual;
  return number;
}

/** A 64-bit integer out of its digits. */
function integerOf(digits: unknown): bigint {
  if (typeof digits !== "string") throw unusual;
  const integer = BigInt(digits);
  if (String(integer) !== digits) throw unusual;
  return integer;
}

function writeKind(kind: Kind, value: unknown): void {
  switch (kind) {
    case "string":
      return writer.text(value);
    case "int32":
      return writer.int32(value);
    case "int64":
      return writer.int64(value);
    case "bool":
      return writer.bool(value);
    case "double":
      return writer.double(value);
    case "bytes":
      return writer.blob(value);
    case "uint32":
      return writer.uint32(value);
    case "uint64":
      return writer.uint64(value);
    case "sint32":
      return writer.sint32(value);
    case "sint64":
      return writer.sint64(value);
    case "float":
      return writer.float(value);
    case "fixed32":
      return writer.fixed32(value);
    case "sfixed32":
      return writer.sfixed32(value);
    case "fixed64":
      return writer.fixed64(value);
    case "sfixed64":
      return writer.sfixed64(value);
    case "message":
      throw unusual;
  }
}
