import { create, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { scalarZeroValue } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence as Presence, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { blankFields, cloner } from "./blank.ts";
import { internalized } from "./internalized.ts";
import { isTime } from "./time.ts";
import { kindOf, LENGTH_DELIMITED, wireTypeOf, type Kind } from "./kinds.ts";

/** A message, to those who know its fields by name only. */
export type Fields = Record<string, unknown> & {
  $typeName: string;
  $unknown?: UnknownField[];
};

/** A field that the schema does not know, or an extension. */
export interface UnknownField {
  readonly no: number;
  readonly wireType: number;
  readonly data: Uint8Array;
}

/** What is known of a message type before its first message. */
export interface MessageType {
  readonly name: string;
  /** By ascending number: the order in which they are written. */
  readonly fields: readonly Field[];
  /** The fields whose numbers are small, at their numbers. */
  readonly low: readonly (Field | undefined)[];
  readonly high: ReadonlyMap<number, Field>;
  /** The properties of a message, in the order in which `create` makes them. */
  readonly properties: readonly string[];
  /** As many times undefined. */
  readonly absent: readonly undefined[];
  /** Where each property is in `properties`. */
  readonly slots: ReadonlyMap<string, number>;
  /** Whether properties that are not there have their defaults in a prototype. */
  readonly hasPrototype: boolean;
  /** Makes a message without content, as `create` does. */
  readonly blank: () => Fields;
}

/** What is known of a field. All have the same properties, so that they have one shape to V8. */
export interface Field {
  /** Where its value is in the message. */
  readonly name: string;
  /** Where the property that holds its value is in `properties`. */
  readonly slot: number;
  readonly number: number;
  readonly shape: "singular" | "list" | "map";
  /** The oneof that it is a case of, which then holds its value. */
  readonly oneof: string | undefined;
  readonly kind: Kind;
  /** Of one value: a packed list has a wire type of its own. */
  readonly wireType: number;
  /** The tag that it is written with. */
  readonly tag: number;
  readonly packed: boolean;
  /** Whether the message may be without it: its presence is explicit. */
  readonly optional: boolean;
  /** The value that is not written, where presence is implicit. */
  readonly zero: unknown;
  /** 64-bit integers are strings of digits. */
  readonly digits: boolean;
  /** The values that a closed enum has: any other goes to the unknown fields. */
  readonly closed: ReadonlySet<number> | undefined;
  /** What it or its elements are, where they are messages. */
  readonly type: MessageType | undefined;
  /**
   * How a message is held: as it is, as the value of a wrapper, as the JSON of a
   * Struct. What is "time" is held as it is, too.
   */
  readonly held: "message" | "value" | "json" | "time";
  /** Of the keys of a map. */
  readonly keyKind: Kind;
  /** Within an entry of a map. */
  readonly keyTag: number;
  readonly valueTag: number;
  readonly keyZero: unknown;
  /** Of the values of a map: what an entry without one has. */
  readonly valueZero: unknown;
  /** Groups, and what else is rare enough to be left to protobuf-es. */
  readonly rare: boolean;
  /** How many bytes the length of the last one took, which the next will probably take too. */
  lengthBytes: number;
}

/** Numbers below this one are looked up in an array. */
const lowNumbers = 64;

const types = new WeakMap<DescMessage, MessageType>();

/** The type of a schema's messages, and of all that they may contain. */
export function messageType(schema: DescMessage): MessageType {
  const known = types.get(schema);
  if (known !== undefined) return known;
  const fields: Field[] = [];
  const low: (Field | undefined)[] = Array.from({ length: lowNumbers });
  const high = new Map<number, Field>();
  const properties = [
    "$typeName",
    ...schema.members.map((member) => internalized(member.localName)),
    "$unknown",
  ];
  const slots = new Map(properties.map((name, slot) => [name, slot]));
  const hasPrototype = Object.getPrototypeOf(create(schema)) !== Object.prototype;
  const blank = hasPrototype ? (): Fields => blankFields(schema) : cloner(schema);
  const type = {
    name: schema.typeName,
    fields,
    low,
    high,
    properties,
    absent: properties.map(() => undefined),
    slots,
    hasPrototype,
    blank,
  };
  // Before its fields are looked at, which may be of this very type.
  types.set(schema, type);
  for (const desc of schema.fields.toSorted((a, b) => a.number - b.number)) {
    const field = fieldOf(desc, slots.get((desc.oneof ?? desc).localName) ?? -1);
    fields.push(field);
    if (field.number < lowNumbers) low[field.number] = field;
    else high.set(field.number, field);
  }
  return type;
}

function fieldOf(desc: DescField, slot: number): Field {
  const { message, number, oneof } = desc;
  const shape = desc.fieldKind === "list" || desc.fieldKind === "map" ? desc.fieldKind : "singular";
  // An enum is an int32 on the wire.
  const scalar = desc.scalar ?? ScalarType.INT32;
  const kind = message === undefined ? kindOf(scalar) : "message";
  const packed = desc.fieldKind === "list" && desc.packed;
  const digits = "longAsString" in desc && desc.longAsString;
  const mapKey = desc.fieldKind === "map" ? desc.mapKey : ScalarType.STRING;
  const wireType = wireTypeOf(kind);
  const tagType = packed || shape === "map" ? LENGTH_DELIMITED : wireType;
  return {
    name: internalized(desc.localName),
    slot,
    number,
    shape,
    oneof: oneof === undefined ? undefined : internalized(oneof.localName),
    kind,
    wireType,
    tag: ((number << 3) | tagType) >>> 0,
    packed,
    optional: oneof === undefined && desc.presence === Presence.EXPLICIT,
    zero: desc.presence === Presence.IMPLICIT ? scalarZeroValue(scalar, digits) : undefined,
    digits,
    closed:
      desc.fieldKind === "enum" && !desc.enum.open
        ? new Set(desc.enum.values.map((value) => value.number))
        : undefined,
    type: message === undefined ? undefined : messageType(message),
    held: heldAs(desc),
    keyKind: kindOf(mapKey),
    keyTag: (1 << 3) | wireTypeOf(kindOf(mapKey)),
    valueTag: (2 << 3) | wireType,
    keyZero: scalarZeroValue(mapKey, false),
    valueZero: desc.enum?.values[0]?.number ?? scalarZeroValue(scalar, false),
    rare: ("delimitedEncoding" in desc && desc.delimitedEncoding) || desc.localName in {},
    lengthBytes: 1,
  };
}

function heldAs({ fieldKind, message, oneof, parent }: DescField): Field["held"] {
  if (message?.typeName === "google.protobuf.Struct" && parent.typeName !== valueType) {
    return "json";
  }
  if (message !== undefined && isTime(message.typeName)) return "time";
  const isUnwrapped = fieldKind === "message" && oneof === undefined && isWrapperDesc(message);
  return isUnwrapped ? "value" : "message";
}

const valueType = "google.protobuf.Value";
