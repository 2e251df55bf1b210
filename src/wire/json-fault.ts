import { fromJson, type DescField, type DescMessage, type JsonValue } from "@bufbuild/protobuf";
import type { FieldViolation } from "./errors.ts";

/**
 * Finds the field of a JSON request that cannot be decoded. The protocol
 * library names it only sometimes, and then in words. To find it, each field is
 * decoded by itself, down to the one at fault; that happens to requests that
 * failed already, so that it need not be fast.
 *
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
  return faultIn(schema, json, "", allowUnknownFields);
}

function faultIn(
  schema: DescMessage,
  json: JsonValue,
  path: string,
  allowUnknownFields: boolean,
): FieldViolation | undefined {
  if (!isObject(json)) {
    return path === "" ? undefined : { field: path, description: "Must be an object." };
  }
  for (const [key, value] of Object.entries(json)) {
    const field = schema.fields.find(({ jsonName, name }) => jsonName === key || name === key);
    const fieldPath = (name: string): string => (path === "" ? name : `${path}.${name}`);
    if (field === undefined) {
      if (allowUnknownFields) continue;
      return { field: fieldPath(key), description: `${schema.typeName} has no such field.` };
    }
    const reason = looseForm(field, value) ?? failure(schema, { [key]: value }, allowUnknownFields);
    // What can be decoded may still be loose inside.
    const inside = faultInside(field, value, fieldPath(field.name), allowUnknownFields);
    if (inside !== undefined) return inside;
    if (reason !== undefined) return { field: fieldPath(field.name), description: reason };
  }
  return undefined;
}

/** The fault in an element of a list, or in a message, if it is there. */
function faultInside(
  field: DescField,
  value: JsonValue,
  path: string,
  allowUnknownFields: boolean,
): FieldViolation | undefined {
  if (value === null) return undefined;
  if (field.fieldKind === "message" && !isWellKnown(field.message)) {
    return faultIn(field.message, value, path, allowUnknownFields);
  }
  if (field.fieldKind !== "list" || !Array.isArray(value)) return undefined;
  for (const [index, element] of value.entries()) {
    const elementPath = `${path}[${index}]`;
    if (field.listKind === "message" && !isWellKnown(field.message)) {
      const fault = faultIn(field.message, element, elementPath, allowUnknownFields);
      if (fault !== undefined) return fault;
    } else {
      const reason =
        looseForm(field, element) ??
        failure(field.parent, { [field.jsonName]: [element] }, allowUnknownFields);
      if (reason !== undefined) return { field: elementPath, description: reason };
    }
  }
  return undefined;
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
