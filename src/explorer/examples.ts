import {
  ScalarType,
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  type JsonObject,
  type JsonValue,
} from "@bufbuild/protobuf";
import { commentOf } from "../wire/reflection/comments.ts";
import { isRequired } from "./words.ts";
import { takesStream } from "./contract.ts";
import {
  isFreeJson,
  isLong,
  textHint,
  valueTypeOf,
  wrappedScalar,
  type ValueType,
} from "./fields.ts";

/** Which fields an example has: those that are needed, or every one. */
export type Extent = "needed" | "all";

/** How many messages may be within each other. */
const MAX_DEPTH = 4;

/**
 * A request that says what a method is called with, as far as names, comments and
 * types tell: a start to go on from. Where no comment asks for a field, "needed"
 * has the first one that stands for itself.
 */
export function exampleRequest(method: DescMethod, extent: Extent, now = new Date()): JsonValue {
  const message = exampleMessage(method.input, { extent, now, depth: 0 });
  return takesStream(method) ? [message] : message;
}

interface Making {
  readonly extent: Extent;
  readonly now: Date;
  readonly depth: number;
}

function exampleMessage(message: DescMessage, making: Making): JsonValue {
  const text = textOf(message, making);
  if (text !== undefined) return text;
  if (making.depth >= MAX_DEPTH) return {};
  const example: JsonObject = {};
  for (const field of chosenFields(message, making)) {
    const value = exampleField(field, { ...making, depth: making.depth + 1 });
    if (value !== undefined) example[field.name] = value;
  }
  return example;
}

/** The fields of an example, those of a oneof once, in the order of the file. */
function chosenFields(message: DescMessage, { extent, depth }: Making): DescField[] {
  const members = message.members.filter((member) => !member.deprecated);
  const needed = members.filter((member) => extent === "all" || isRequired(member));
  const usual = members.find(isPlain) ?? members.find((member) => !isPaging(member));
  const chosen = needed.length > 0 || depth > 1 || usual === undefined ? needed : [usual];
  return chosen.flatMap((member) => (member.kind === "oneof" ? fieldOf(member) : member));
}

/** The first field of a oneof that does not have the same oneof within it. */
function fieldOf({ fields, parent }: DescOneof): DescField[] {
  const plain = fields.find(({ message }) => message === undefined || !reaches(message, parent));
  return [plain ?? fields[0]].filter((field) => field !== undefined);
}

/** Whether a field says what is asked about, not how much of it. */
function isPlain(member: DescMessage["members"][number]): boolean {
  if (member.kind === "oneof") return true;
  const isText = member.scalar === ScalarType.STRING || member.fieldKind === "enum";
  return isText && !isPaging(member);
}

const isPaging = ({ name }: { readonly name: string }): boolean =>
  /page_?token$|cursor$/i.test(name);

function exampleField(field: DescField, making: Making): JsonValue | undefined {
  // Tokens of pages come from answers only.
  if (isPaging(field)) return undefined;
  const type = valueTypeOf(field);
  // A message within itself would go on for ever.
  if (type.kind === "message" && making.extent === "all" && reaches(type.message, type.message)) {
    if (making.depth > 2) return undefined;
  }
  const isText = field.fieldKind === "map" && field.scalar === ScalarType.STRING;
  const value = isText ? "value" : exampleValue(field, type, making);
  if (field.fieldKind === "list") return [value];
  if (field.fieldKind === "map") return { [exampleKey(field.mapKey)]: value };
  return value;
}

function exampleKey(scalar: ScalarType): string {
  if (scalar === ScalarType.STRING) return "key";
  return scalar === ScalarType.BOOL ? "true" : "1";
}

/** Whether a message is in another, at any depth. */
function reaches(from: DescMessage, sought: DescMessage, seen = new Set<DescMessage>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  return from.fields.some(
    ({ message }) =>
      message !== undefined && (message === sought || reaches(message, sought, seen)),
  );
}

function exampleValue(field: DescField, type: ValueType, making: Making): JsonValue {
  if (type.kind === "enum") return exampleEnum(type.enum);
  if (type.kind === "scalar") return exampleScalar(field, type.scalar);
  const wrapped = wrappedScalar(type.message);
  if (wrapped !== undefined) return exampleScalar(field, wrapped);
  if (type.message.typeName === "google.protobuf.FieldMask") return exampleMask(field);
  return textOf(type.message, making, field.name) ?? exampleMessage(type.message, making);
}

/** The first value that stands for something. */
function exampleEnum({ values }: DescEnum): JsonValue {
  const meant = values.find(({ number, deprecated }) => number !== 0 && !deprecated) ?? values[0];
  return meant?.name ?? 0;
}

function exampleScalar(field: DescField, scalar: ScalarType): JsonValue {
  switch (scalar) {
    case ScalarType.STRING:
      return exampleText(field);
    case ScalarType.BYTES:
      return btoa("example");
    case ScalarType.BOOL:
      return true;
    default: {
      const number = exampleNumber(commentOf(field));
      return isLong(scalar)
        ? String(Math.trunc(number))
        : isFraction(scalar)
          ? number
          : Math.trunc(number);
    }
  }
}

const isFraction = (scalar: ScalarType): boolean =>
  scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT;

/** The default that a comment tells of, else the least that it allows, if it is positive, else 1. */
function exampleNumber(comment: string): number {
  const text = comment.replaceAll("\n", " ");
  const read = (pattern: RegExp): number => Number(pattern.exec(text)?.[1]?.replaceAll(",", ""));
  const usual = read(/\bDefault(?: \(0\))?: (-?[\d,]*\.?\d+)/i);
  const least = read(/\bfrom (-?[\d,]*\.?\d+) to\b/i);
  return [usual, least].find((number) => number > 0) ?? 1;
}

/** What texts are like, by the names of their fields; the first that fits. */
const texts: readonly (readonly [RegExp, string])[] = [
  [/^(?:first|given) name\b/, "Ann"],
  [/^(?:last|family) name\b|^surname\b/, "Lee"],
  [/\be?mail\b/, "ann@example.com"],
  [/\b(?:image|picture|photo|avatar|icon) ur[il]$/, "https://example.com/image.png"],
  [/\b(?:ur[il]|link|referrer|homepage)$/, "https://example.com/"],
  [/\btime ?zone\b/, "Europe/Amsterdam"],
  [/\bcountry\b/, "NL"],
  [/\b(?:language|locale)\b/, "en"],
  [/\bcurrency\b/, "EUR"],
  [/\bphone\b/, "+31 20 123 4567"],
  [/\b(?:query|search|q)$/, "example"],
  [/\bhost\b/, "example.com"],
  [/\btitle\b/, "An example"],
  [/\b(?:description|comment|message|text|body|summary)$/, "An example."],
];

function exampleText(field: DescField): string {
  const comment = commentOf(field).replaceAll("\n", " ");
  // The comment knows best.
  const given = /(?:such as|for example,?|e\.g\.,?|like) ["`]([^"`]+)["`]/i.exec(comment)?.[1];
  if (given !== undefined) return given;
  const words = field.name
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split("_");
  const name = words.join(" ");
  const known = texts.find(([pattern]) => pattern.test(name))?.[1];
  if (known !== undefined) return known;
  const last = singular(words.at(-1) ?? "");
  if (last !== "id" && last !== "name") return [...words.slice(0, -1), last].join(" ");
  return `${words.slice(0, -1).join("-") || "example"}-1`;
}

/** A list has texts of what its name is the plural of. */
const singular = (word: string): string => word.replace(/ies$/, "y").replace(/s$/, "");

/** A field of a message that stands beside the mask. */
function exampleMask({ parent }: DescField): string {
  const fields = parent.fields.flatMap(({ fieldKind, message }) =>
    fieldKind === "message" && textHint(message) === undefined ? message.fields : [],
  );
  const chosen = fields.find(({ name, scalar }) => scalar === ScalarType.STRING && name !== "id");
  return chosen?.jsonName ?? "";
}

/** The JSON of messages that are no objects there. */
function textOf(message: DescMessage, { now }: Making, name = ""): JsonValue | undefined {
  switch (message.typeName) {
    case "google.protobuf.Timestamp": {
      // An interval begins before it ends.
      const days = /start|from|begin|since|after/.test(name) ? 7 : 0;
      return new Date(now.getTime() - days * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");
    }
    case "google.protobuf.Duration":
      return "90s";
    case "google.protobuf.FieldMask":
      return "";
    case "google.protobuf.Struct":
      return { key: "value" };
    case "google.protobuf.Value":
      return "value";
    case "google.protobuf.ListValue":
      return ["value"];
    default:
      return isFreeJson(message) ? {} : undefined;
  }
}
