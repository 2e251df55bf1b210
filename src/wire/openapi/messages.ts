import type { DescEnum, DescField, DescMessage, DescOneof, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";
import { commentOf } from "../reflection/comments.ts";
import { keySchema, scalarSchema } from "./scalars.ts";
import { described, paragraphs, reference, type Form, type Schema } from "./schema.ts";
import { wellKnownNote, wellKnownSchema } from "./well-known.ts";

/** A message in one of its forms. */
export interface Use {
  readonly message: DescMessage;
  readonly form: Form;
}

/** The schemas of messages and enums. */
export interface Schemas {
  /** The schema of a message that is one of the uses, or inside of one. */
  of(use: Use): Schema;
  /** All schemas that others refer to, by name, sorted. */
  readonly components: Readonly<Record<string, Schema>>;
}

/** How schemas are made. */
export interface SchemaOptions {
  /** Whether requests may have fields that the contract does not. */
  readonly allowUnknownFields: boolean;
}

/**
 * Describes messages by ProtoJSON's mapping, and all messages and enums inside
 * of them, once for each form that they are used in.
 */
export function describeMessages(uses: Iterable<Use>, options: SchemaOptions): Schemas {
  const forms = new Map<string, Set<Form>>();
  const enums = new Map<string, DescEnum>();
  const all: Use[] = [];
  const collect = ({ message, form }: Use): void => {
    const known = forms.get(message.typeName) ?? new Set();
    if (known.has(form) || wellKnownSchema(message, form) !== undefined) return;
    forms.set(message.typeName, known.add(form));
    all.push({ message, form });
    for (const field of message.fields) {
      if (field.message !== undefined) collect({ message: field.message, form });
      if (field.enum !== undefined) enums.set(field.enum.typeName, field.enum);
    }
  };
  for (const use of uses) collect(use);

  const nameOf = ({ message, form }: Use): string => {
    const used = forms.get(message.typeName);
    return used?.size === 1 ? message.typeName : `${message.typeName}-${suffixes[form]}`;
  };
  const of = (use: Use): Schema =>
    wellKnownSchema(use.message, use.form) ?? reference("schemas", nameOf(use));
  const components = [
    ...all.map((use) => [nameOf(use), messageSchema(use, of, options)] as const),
    ...[...enums.values()].map((one) => [one.typeName, enumSchema(one)] as const),
  ];
  const sorted = components.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { of, components: Object.fromEntries(sorted) };
}

const suffixes: Readonly<Record<Form, string>> = {
  request: "Input",
  response: "Output",
  detail: "Detail",
};

function messageSchema(
  { message, form }: Use,
  of: Schemas["of"],
  { allowUnknownFields }: SchemaOptions,
): Schema {
  const properties = message.fields.map((field): [string, Schema] => {
    const notes = [
      commentOf(field),
      field.message === undefined ? "" : wellKnownNote(field.message),
      field.oneof === undefined ? "" : `At most one of ${namesIn(field.oneof)} is set.`,
    ];
    const schema = fieldSchema(field, form, of);
    return [
      field.jsonName,
      {
        ...schema,
        ...described(paragraphs(...notes)),
        ...(field.deprecated && { deprecated: true }),
      },
    ];
  });
  const required = message.fields
    .filter(({ presence }) => form === "response" && isAlwaysWritten(presence))
    .map(({ jsonName }) => jsonName);
  const clashes = message.oneofs.flatMap(({ fields }) => pairs(fields.map((f) => f.jsonName)));
  const oneofs = message.oneofs.map((oneof) => {
    const comment = commentOf(oneof);
    return comment === "" ? "" : `At most one of ${namesIn(oneof)} is set. ${comment}`;
  });
  const isClosed =
    form === "request" && !allowUnknownFields && message.proto.extensionRange.length === 0;
  return {
    type: "object",
    ...described(paragraphs(commentOf(message), ...oneofs)),
    ...(message.deprecated && { deprecated: true }),
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    // Said in this way, it leaves a plain object to generators: those that
    // know "oneOf" make a type for each of its cases.
    ...(clashes.length > 0 && { not: { anyOf: clashes.map((pair) => ({ required: pair })) } }),
    ...(isClosed && { additionalProperties: false }),
  };
}

/**
 * Whether a field is in all answers: what cannot be absent (scalars without
 * "optional", lists, maps) is written even if it is zero or empty. What requests
 * need is not for descriptors to tell.
 */
function isAlwaysWritten(presence: DescField["presence"]): boolean {
  return presence === Presence.IMPLICIT || presence === Presence.LEGACY_REQUIRED;
}

function fieldSchema(field: DescField, form: Form, of: Schemas["of"]): Schema {
  switch (field.fieldKind) {
    case "list":
      return { type: "array", items: valueSchema(field, form, of) };
    case "map": {
      const keys = keySchema(field.mapKey);
      return {
        type: "object",
        ...(keys !== undefined && { propertyNames: keys }),
        additionalProperties: valueSchema(field, form, of),
      };
    }
    default:
      return valueSchema(field, form, of);
  }
}

/** The schema of a field's value, or of each of its values. */
function valueSchema(
  { scalar, enum: values, message }: DescField,
  form: Form,
  of: Schemas["of"],
): Schema {
  if (message !== undefined) return of({ message, form });
  if (values !== undefined) return reference("schemas", values.typeName);
  return scalarSchema(scalar as ScalarType, form);
}

function enumSchema(desc: DescEnum): Schema {
  if (desc.typeName === "google.protobuf.NullValue") return { type: "null" };
  const values = desc.values.map((value) => {
    const comment = commentOf(value).replaceAll(/\s+/g, " ");
    return comment === "" ? "" : `- \`${value.name}\`: ${comment}`;
  });
  const list = values.filter((line) => line !== "").join("\n");
  return {
    type: "string",
    ...described(paragraphs(commentOf(desc), list)),
    ...(desc.deprecated && { deprecated: true }),
    enum: desc.values.map(({ name }) => name),
  };
}

function namesIn({ fields }: DescOneof): string {
  return fields.map(({ jsonName }) => `\`${jsonName}\``).join(", ");
}

function pairs(names: readonly string[]): [string, string][] {
  return names.flatMap((first, index) =>
    names.slice(index + 1).map((second): [string, string] => [first, second]),
  );
}
