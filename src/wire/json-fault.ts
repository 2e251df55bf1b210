import { fromJson, type DescField, type DescMessage, type JsonValue } from "@bufbuild/protobuf";
import type { FieldViolation } from "./errors.ts";

/**
 * Finds the field of a JSON request that cannot be decoded. The protocol
 * library names it only sometimes, and then in words. To find it, the messages
 * are decoded one by one, each without those inside it, so that no byte is
 * decoded more than a few times.
 *
 * @param text not nested deeper than isTooDeep says.
 * @returns undefined if the text is no JSON, or if no field is at fault by itself.
 */
export function jsonFault(
  schema: DescMessage,
  text: string,
  allowUnknownFields: boolean,
): FieldViolation | undefined {
  let json: JsonValue;
  try {
    json = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  if (!isObject(json)) return undefined;
  const fault = faultIn(schema, json, "", allowUnknownFields);
  if (fault === undefined) return undefined;
  // What is told is not for the client to decide how long.
  return { field: shorten(fault.field), description: shorten(fault.description) };
}

/** The longest text of a client that it is told again: characters. */
const maxEcho = 300;

/** A text that may have come from a client, for telling it what is wrong with it. */
export function shorten(text: string): string {
  return text.length > maxEcho ? `${text.slice(0, maxEcho)}…` : text;
}

function faultIn(
  schema: DescMessage,
  json: JsonValue,
  path: string,
  allowUnknownFields: boolean,
): FieldViolation | undefined {
  if (!isObject(json)) return { field: path, description: "Must be an object." };
  const fields = fieldsOf(schema);
  const entries = Object.entries(json);
  const known = entries.filter(([key]) => fields.has(key));
  const own = known.map(([key, value]) => [key, withoutInside(fields.get(key), value)] as const);
  const ownReason =
    own.length > 0 ? failure(schema, Object.fromEntries(own), allowUnknownFields) : undefined;
  for (const [key, value] of entries) {
    const field = fields.get(key);
    const name = field?.name ?? key;
    const fieldPath = path === "" ? name : `${path}.${name}`;
    if (field === undefined) {
      if (allowUnknownFields) continue;
      return { field: fieldPath, description: `${schema.typeName} has no such field.` };
    }
    const fault = hasInside(field, value)
      ? faultInside(field, value, fieldPath, allowUnknownFields)
      : faultOf(field, value, fieldPath, ownReason !== undefined, allowUnknownFields);
    if (fault !== undefined) return fault;
  }
  if (ownReason === undefined || path === "") return undefined;
  return { field: path, description: ownReason };
}

/** Whether there are messages in a field that are looked into by themselves. */
function hasInside(field: DescField, value: JsonValue): boolean {
  const isList = field.fieldKind === "list" && field.listKind === "message";
  if (!isList && field.fieldKind !== "message") return false;
  if (field.message === undefined || isWellKnown(field.message)) return false;
  return isList ? Array.isArray(value) : value !== null;
}

function withoutInside(field: DescField | undefined, value: JsonValue): JsonValue {
  if (field === undefined || !hasInside(field, value)) return value;
  return Array.isArray(value) ? [] : {};
}

/** The fault in a message, or in the messages of a list. */
function faultInside(
  field: DescField,
  value: JsonValue,
  path: string,
  allowUnknownFields: boolean,
): FieldViolation | undefined {
  const schema = field.message as DescMessage;
  if (field.fieldKind !== "list") return faultIn(schema, value, path, allowUnknownFields);
  for (const [index, element] of (value as JsonValue[]).entries()) {
    const fault = faultIn(schema, element, `${path}[${index}]`, allowUnknownFields);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The fault of a field that has no messages to look into. */
function faultOf(
  field: DescField,
  value: JsonValue,
  path: string,
  mayFail: boolean,
  allowUnknownFields: boolean,
): FieldViolation | undefined {
  const elements = field.fieldKind === "list" && Array.isArray(value) ? value : undefined;
  const loose = (elements ?? [value]).findIndex((one) => looseForm(field, one) !== undefined);
  if (loose >= 0) {
    const description = looseForm(field, elements?.[loose] ?? value) ?? "";
    return { field: elements === undefined ? path : `${path}[${loose}]`, description };
  }
  if (!mayFail) return undefined;
  const decode = (part: JsonValue): string | undefined =>
    failure(field.parent, { [field.jsonName]: part }, allowUnknownFields);
  const description = decode(value);
  if (description === undefined) return undefined;
  if (elements === undefined) return { field: path, description };
  // The first half has the first fault, or else it is in the second.
  let [first, end] = [0, elements.length];
  while (end - first > 1) {
    const middle = (first + end) >> 1;
    if (decode(elements.slice(first, middle)) === undefined) first = middle;
    else end = middle;
  }
  return {
    field: `${path}[${first}]`,
    description: (decode(elements.slice(first, end)) ?? description).replace("list item #1: ", ""),
  };
}

const fieldsByName = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

/** The fields of a message by the names that they have in JSON. */
function fieldsOf(schema: DescMessage): ReadonlyMap<string, DescField> {
  let fields = fieldsByName.get(schema);
  if (fields === undefined) {
    fields = new Map(
      schema.fields.flatMap((field) => [[field.name, field] as const, [field.jsonName, field]]),
    );
    fieldsByName.set(schema, fields);
  }
  return fields;
}

/** Why a message cannot be decoded; undefined if it can. */
function failure(
  schema: DescMessage,
  json: JsonValue,
  ignoreUnknownFields: boolean,
): string | undefined {
  try {
    fromJson(schema, json, { ignoreUnknownFields });
    return undefined;
  } catch (error) {
    const reason = (error as Error).message.replace(
      /^cannot decode (?:field|message|enum) (\S+) from JSON: /,
      (_, type: string) => (wellKnownForms[type] === undefined ? "" : `${wellKnownForms[type]}: `),
    );
    return `Cannot be decoded: ${reason}.`;
  }
}

/** How those messages are written whose JSON is no object. */
const wellKnownForms: Readonly<Record<string, string>> = {
  "google.protobuf.Timestamp": 'a time is written like "2026-01-02T03:04:05Z"',
  "google.protobuf.Duration": 'a duration is written in seconds, like "90s" or "1.5s"',
};

/**
 * Whether a JSON text may have what the protocol library decodes though it
 * should not: days that are not in the calendar, such as February 30 or 24
 * o'clock, which become other ones, and durations with something after them.
 * A quick look, so that few requests need {@link jsonFault}.
 */
export function mayBeLoose(text: string): boolean {
  return LOOSE.test(text);
}

const LOOSE = /-(?:29|3\d)T|T24:|\ds[^"]/;

/** What is wrong with a time or a duration that can be decoded; undefined if nothing is. */
function looseForm(field: DescField, value: JsonValue): string | undefined {
  const type = field.message?.typeName ?? "";
  if (typeof value !== "string") return undefined;
  if (type === "google.protobuf.Timestamp") {
    const [, date, hour] = /^(\d{4}-\d\d-\d\d)T(\d\d)/.exec(value) ?? [];
    if (date === undefined) return undefined;
    if (hour !== "24" && new Date(`${date}T00:00Z`).toJSON()?.startsWith(date)) return undefined;
    return `There is no such time: ${JSON.stringify(value)}.`;
  }
  if (type === "google.protobuf.Duration" && !/^-?\d+(?:\.\d{1,9})?s$/.test(value)) {
    return `Cannot be decoded: ${wellKnownForms[type]}, not ${JSON.stringify(value)}.`;
  }
  return undefined;
}

function isWellKnown(schema: DescMessage): boolean {
  return schema.typeName.startsWith("google.protobuf.");
}

function isObject(json: JsonValue): json is Record<string, JsonValue> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
