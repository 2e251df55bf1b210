import {
  fromJson,
  type DescField,
  type DescMessage,
  type DescMethod,
  type JsonValue,
  type Message,
  type Registry,
} from "@bufbuild/protobuf";
import { takesStream } from "./contract.ts";
import { isFreeJson, textHint } from "./fields.ts";
import { isObject, type Path } from "./json-text.ts";

/** What is wrong with a request, and where. */
export interface Fault {
  readonly path: Path;
  /** Whether the name of the member is at fault, not its value. */
  readonly part: "name" | "value";
  readonly message: string;
}

/** The messages of a request, or what is wrong with it. */
export type ReadRequest =
  | { readonly messages: readonly Message[]; readonly fault?: never }
  | { readonly messages?: never; readonly fault: Fault };

/**
 * Reads the JSON of a request: a message, or a list of them where the method takes
 * a stream. Finds the first value that its type does not have.
 */
export function readRequest(
  { input, ...method }: DescMethod,
  value: JsonValue,
  registry: Registry,
): ReadRequest {
  const isStream = takesStream({ input, ...method });
  if (isStream && !Array.isArray(value)) {
    const message = "This method takes a stream: a list of messages, in [ and ].";
    return { fault: { path: [], part: "value", message } };
  }
  const messages: Message[] = [];
  for (const [index, one] of (isStream ? (value as JsonValue[]) : [value]).entries()) {
    const fault = faultOf(input, one, isStream ? [index] : [], registry);
    if (fault !== undefined) return { fault };
    messages.push(fromJson(input, one, { registry }));
  }
  return { messages };
}

function faultOf(
  desc: DescMessage,
  value: JsonValue,
  path: Path,
  registry: Registry,
): Fault | undefined {
  const hint = textHint(desc);
  const own = faultFromJson(desc, value, path, registry);
  if (hint !== undefined && own !== undefined) {
    return { ...own, message: `${own.message}; right would be ${hint}` };
  }
  if (hint !== undefined || isFreeJson(desc)) return own;
  if (!isObject(value)) {
    return { path, part: "value", message: `${desc.typeName} is an object, in { and }.` };
  }
  for (const [name, member] of Object.entries(value)) {
    const inner = [...path, name];
    const field = desc.fields.find((one) => one.name === name || one.jsonName === name);
    if (field === undefined) {
      // Extensions are for the decoder to know.
      if (name.startsWith("[")) continue;
      const message = `${desc.typeName} has no field "${name}". ${namesOf(desc)}`;
      return { path: inner, part: "name", message };
    }
    const fault = faultOfField(field, name, member, inner, registry);
    if (fault !== undefined) return fault;
  }
  return own;
}

function faultOfField(
  field: DescField,
  name: string,
  value: JsonValue,
  path: Path,
  registry: Registry,
): Fault | undefined {
  const { parent } = field;
  if (value === null) return faultFromJson(parent, { [name]: value }, path, registry);
  if (field.fieldKind === "list" && Array.isArray(value)) {
    return first(value.entries(), ([index, element]) =>
      field.message === undefined || element === null
        ? faultFromJson(parent, { [name]: [element] }, [...path, index], registry)
        : faultOf(field.message, element, [...path, index], registry),
    );
  }
  if (field.fieldKind === "map" && isObject(value)) {
    return first(Object.entries(value), ([key, element]) => {
      const inner = [...path, key];
      const within =
        field.message === undefined || element === null
          ? undefined
          : faultOf(field.message, element, inner, registry);
      // The key may be at fault, too.
      return within ?? faultFromJson(parent, { [name]: { [key]: element } }, inner, registry);
    });
  }
  if (field.fieldKind === "message") return faultOf(field.message, value, path, registry);
  return faultFromJson(parent, { [name]: value }, path, registry);
}

function faultFromJson(
  desc: DescMessage,
  value: JsonValue,
  path: Path,
  registry: Registry,
): Fault | undefined {
  try {
    fromJson(desc, value, { registry });
    return undefined;
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    const message = told.replace(/^cannot decode (?:message|field) \S+ from JSON: /, "");
    return { path, part: "value", message };
  }
}

function first<Item, Found>(
  items: Iterable<Item>,
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function namesOf({ fields }: DescMessage): string {
  if (fields.length === 0) return "It has no fields.";
  const names = fields.map(({ name }) => name);
  return `It has ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}.`;
}
