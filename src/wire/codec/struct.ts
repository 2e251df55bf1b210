import type { Fields } from "./message-type.ts";
import { unusual } from "./unusual.ts";

/**
 * A google.protobuf.Struct is held as JSON by the messages that have one in a
 * field, and as a message by google.protobuf.Value. Both ways here do what
 * protobuf-es does, which does not export its own.
 */

/** Of what a google.protobuf.Value is. */
interface Kind {
  readonly case: string | undefined;
  readonly value?: unknown;
}

export function structToJson(struct: Fields): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(struct["fields"] as Record<string, Fields>)) {
    json[name] = valueToJson(value);
  }
  return json;
}

function valueToJson(message: Fields): unknown {
  const kind = message["kind"] as Kind;
  switch (kind.case) {
    case "structValue":
      return structToJson(kind.value as Fields);
    case "listValue":
      return ((kind.value as Fields)["values"] as Fields[]).map(valueToJson);
    case "nullValue":
    case undefined:
      return null;
    default:
      return kind.value;
  }
}

export function jsonToStruct(json: unknown): Fields {
  const fields: Record<string, Fields> = {};
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    for (const [name, value] of Object.entries(json)) {
      // It would not become an entry.
      if (name === "__proto__") throw unusual;
      fields[name] = jsonToValue(value);
    }
  }
  return { $typeName: "google.protobuf.Struct", fields };
}

function jsonToValue(json: unknown): Fields {
  return { $typeName: "google.protobuf.Value", kind: kindOf(json) };
}

function kindOf(json: unknown): Kind {
  switch (typeof json) {
    case "number":
      return { case: "numberValue", value: json };
    case "string":
      return { case: "stringValue", value: json };
    case "boolean":
      return { case: "boolValue", value: json };
    case "object":
      if (json === null) return { case: "nullValue", value: 0 };
      if (!Array.isArray(json)) return { case: "structValue", value: jsonToStruct(json) };
      return {
        case: "listValue",
        value: { $typeName: "google.protobuf.ListValue", values: json.map(jsonToValue) },
      };
    default:
      return { case: undefined };
  }
}
