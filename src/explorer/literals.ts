import {
  isFieldSet,
  isMessage,
  type DescEnum,
  type DescField,
  type DescMessage,
  type Message,
  type Registry,
} from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";

/** What generated code exports, and has to be imported. */
export interface Names {
  /** The name of an enum in the code. */
  enum(desc: DescEnum): string;
  /** The name of the function that reads base64. */
  base64Decode(): string;
}

/** A literal that may be laid out in one line or more. */
type Literal = string | { readonly brackets: "{}" | "[]"; readonly parts: readonly Part[] };
type Part = readonly [key: string, value: Literal];

/** As long as a line may be, its indentation not counted. */
const MAX_LINE = 80;

/**
 * A message as a literal of TypeScript that `create` and clients take: the fields
 * that are set, with their local names.
 */
export function messageLiteral(
  desc: DescMessage,
  message: Message,
  registry: Registry,
  names: Names,
  indent = "",
): string {
  return laidOut(ofMessage(desc, message, { registry, names }), indent);
}

interface Context {
  readonly registry: Registry;
  readonly names: Names;
}

function ofMessage(desc: DescMessage, message: Message, context: Context): Literal {
  const values = message as unknown as Record<string, unknown>;
  const parts = desc.members.flatMap((member): Part[] => {
    if (member.kind === "oneof") {
      const chosen = values[member.localName] as { case?: string; value?: unknown };
      const field = member.fields.find(({ localName }) => localName === chosen.case);
      if (field === undefined) return [];
      const literal = ofSingle(field, chosen.value, context);
      const inner: Part[] = [
        ["case", JSON.stringify(field.localName)],
        ["value", literal],
      ];
      return [[member.localName, { brackets: "{}", parts: inner }]];
    }
    if (!isFieldSet(message, member)) return [];
    return [[member.localName, ofField(member, values[member.localName], context)]];
  });
  return { brackets: "{}", parts };
}

function ofField(field: DescField, value: unknown, context: Context): Literal {
  if (field.fieldKind === "list") {
    const parts = (value as unknown[]).map((one): Part => ["", ofSingle(field, one, context)]);
    return { brackets: "[]", parts };
  }
  if (field.fieldKind === "map") {
    const entries = Object.entries(value as Record<string, unknown>);
    const parts = entries.map(([key, one]): Part => [keyOf(key), ofSingle(field, one, context)]);
    return { brackets: "{}", parts };
  }
  return ofSingle(field, value, context);
}

/** A key that is computed is a key whatever its name, "__proto__" too. */
const keyOf = (key: string): string =>
  key === "__proto__" ? '["__proto__"]' : JSON.stringify(key);

function ofSingle(field: DescField, value: unknown, context: Context): Literal {
  if (field.enum !== undefined) {
    const known = field.enum.value[value as number];
    return known === undefined
      ? String(value)
      : `${context.names.enum(field.enum)}.${known.localName}`;
  }
  if (isMessage(value)) {
    const desc = field.message ?? context.registry.getMessage(value.$typeName);
    if (desc !== undefined) return ofMessage(desc, value, context);
  }
  return ofPlain(value, context);
}

/** What is no message: scalars, those of wrappers too, and the JSON of a Struct. */
function ofPlain(value: unknown, { names }: Context): Literal {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (value instanceof Uint8Array) {
    return `${names.base64Decode()}(${JSON.stringify(base64Encode(value))})`;
  }
  return JSON.stringify(value);
}

function laidOut(literal: Literal, indent: string): string {
  if (typeof literal === "string") return literal;
  const flat = inOneLine(literal);
  if (flat.length <= MAX_LINE) return flat;
  const [open, close] = literal.brackets;
  const inner = `${indent}  `;
  const lines = literal.parts.map(
    ([key, value]) => `${inner}${key === "" ? "" : `${key}: `}${laidOut(value, inner)},`,
  );
  return `${open}\n${lines.join("\n")}\n${indent}${close}`;
}

function inOneLine(literal: Literal): string {
  if (typeof literal === "string") return literal;
  const parts = literal.parts.map(([key, value]) =>
    key === "" ? inOneLine(value) : `${key}: ${inOneLine(value)}`,
  );
  if (literal.brackets === "[]") return `[${parts.join(", ")}]`;
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}
