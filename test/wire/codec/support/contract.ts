import { create, createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldOptions_JSType as JSType,
  type FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_duration,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import type { MessageInitShape } from "@bufbuild/protobuf";

type FieldInit = MessageInitShape<typeof FieldDescriptorProtoSchema>;

const scalars = [
  Type.DOUBLE,
  Type.FLOAT,
  Type.INT64,
  Type.UINT64,
  Type.INT32,
  Type.FIXED64,
  Type.FIXED32,
  Type.BOOL,
  Type.STRING,
  Type.BYTES,
  Type.UINT32,
  Type.SFIXED32,
  Type.SFIXED64,
  Type.SINT32,
  Type.SINT64,
];
const keys = scalars.filter(
  (type) => type !== Type.DOUBLE && type !== Type.FLOAT && type !== Type.BYTES,
);
const wrappers = [
  "Double",
  "Float",
  "Int64",
  "UInt64",
  "Int32",
  "UInt32",
  "Bool",
  "String",
  "Bytes",
];
const messages = [
  ".google.protobuf.Timestamp",
  ".google.protobuf.Duration",
  ".google.protobuf.Any",
  ".google.protobuf.Struct",
  ".google.protobuf.Value",
  ".google.protobuf.StringValue",
];

function field(name: string, number: number, type: Type, more: FieldInit = {}): FieldInit {
  return { name, number, type, jsonName: name, label: Label.OPTIONAL, ...more };
}

/** Numbers beyond those of one byte of tag, and beyond those that are looked up in an array. */
function numbersFrom(first: number): () => number {
  let number = first;
  return () => number++;
}

function everyKind(typeName: string, enumName: string, isProto3: boolean) {
  const next = numbersFrom(1);
  const entry = (name: string, key: Type, value: FieldInit) => ({
    name: `${name}Entry`,
    options: { mapEntry: true },
    field: [field("key", 1, key), { ...value, name: "value", number: 2, jsonName: "value" }],
  });
  const optional: FieldInit[] = [];
  const oneofs: { name: string }[] = [{ name: "choice" }];
  const fields: FieldInit[] = [];
  const entries: ReturnType<typeof entry>[] = [];
  const addMap = (name: string, key: Type, value: FieldInit) => {
    entries.push(entry(name, key, value));
    fields.push(
      field(name, next(), Type.MESSAGE, {
        label: Label.REPEATED,
        typeName: `.${typeName}.${name}Entry`,
      }),
    );
  };
  const anEnum = { type: Type.ENUM, typeName: enumName };
  for (const type of scalars) {
    fields.push(field(`s${type}`, next(), type));
    fields.push(field(`r${type}`, next(), type, { label: Label.REPEATED }));
    if (type !== Type.STRING && type !== Type.BYTES) {
      const options = { packed: !isProto3 };
      fields.push(field(`u${type}`, next(), type, { label: Label.REPEATED, options }));
    }
    fields.push(field(`c${type}`, next(), type, { oneofIndex: 0 }));
    addMap(`V${type}`, Type.STRING, field("value", 2, type));
    if (isProto3) {
      const oneofIndex = scalars.indexOf(type) + 1;
      optional.push(field(`o${type}`, 1000 + type, type, { proto3Optional: true, oneofIndex }));
      oneofs.push({ name: `_o${type}` });
    }
  }
  for (const key of keys) addMap(`K${key}`, key, field("value", 2, Type.STRING));
  for (const type of [Type.INT64, Type.UINT64, Type.SINT64, Type.FIXED64, Type.SFIXED64]) {
    const options = { jstype: JSType.JS_STRING };
    fields.push(field(`d${type}`, next(), type, { options }));
    fields.push(field(`dr${type}`, next(), type, { options, label: Label.REPEATED }));
  }
  fields.push(field("e", next(), Type.ENUM, anEnum));
  fields.push(field("er", next(), Type.ENUM, { ...anEnum, label: Label.REPEATED }));
  fields.push(field("ec", next(), Type.ENUM, { ...anEnum, oneofIndex: 0 }));
  addMap("EM", Type.INT32, field("value", 2, Type.ENUM, anEnum));
  for (const [i, name] of [`.${typeName}`, ...messages].entries()) {
    const message = { type: Type.MESSAGE, typeName: name };
    fields.push(field(`m${i}`, next(), Type.MESSAGE, message));
    fields.push(field(`mr${i}`, next(), Type.MESSAGE, { ...message, label: Label.REPEATED }));
    fields.push(field(`mc${i}`, next(), Type.MESSAGE, { ...message, oneofIndex: 0 }));
    addMap(`MM${i}`, Type.STRING, field("value", 2, Type.MESSAGE, message));
  }
  for (const name of wrappers) {
    const wrapper = { typeName: `.google.protobuf.${name}Value` };
    fields.push(field(`w${name}`, next(), Type.MESSAGE, wrapper));
  }
  return {
    name: typeName.split(".").at(-1) ?? "",
    field: [...fields.toReversed(), ...optional],
    oneofDecl: oneofs,
    nestedType: entries,
  };
}

const dependencies = [
  file_google_protobuf_any,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_duration,
  file_google_protobuf_wrappers,
];
const dependency = dependencies.map((file) => file.proto.name);
const color = (zero: number) => ({
  name: "Color",
  value: [
    { name: "NONE", number: zero },
    { name: "RED", number: 1 },
    { name: "BLUE", number: -5 },
  ],
});

function load(
  proto: MessageInitShape<typeof FileDescriptorProtoSchema>,
  typeName: string,
): DescMessage {
  const registry = createFileRegistry(
    create(FileDescriptorProtoSchema, { ...proto, dependency }),
    (name) => dependencies.find((file) => file.proto.name === name),
  );
  return registry.getMessage(typeName) as DescMessage;
}

/** A proto3 message with fields of every kind, also of its own type, in the opposite order of their numbers. */
export const Proto3 = load(
  {
    name: "codec/proto3.proto",
    package: "codec.three",
    syntax: "proto3",
    messageType: [everyKind("codec.three.All", ".codec.three.Color", true)],
    enumType: [color(0)],
  },
  "codec.three.All",
);

/** The same in proto2: presence for all, closed enums, text that need not be UTF-8. */
export const Proto2 = load(
  {
    name: "codec/proto2.proto",
    package: "codec.two",
    messageType: [everyKind("codec.two.All", ".codec.two.Color", false)],
    enumType: [color(2)],
  },
  "codec.two.All",
);

/** What only proto2 has: required fields, groups and defaults. */
export const Groups = load(
  {
    name: "codec/groups.proto",
    package: "codec.groups",
    messageType: [
      {
        name: "Outer",
        field: [
          field("id", 1, Type.INT32, { label: Label.REQUIRED }),
          field("part", 2, Type.GROUP, { typeName: ".codec.groups.Outer.Part" }),
          field("parts", 3, Type.GROUP, {
            label: Label.REPEATED,
            typeName: ".codec.groups.Outer.Part",
          }),
          field("word", 4, Type.STRING, { defaultValue: "hello" }),
          field("big", 5, Type.INT64, { defaultValue: "7" }),
        ],
        nestedType: [{ name: "Part", field: [field("text", 1, Type.STRING)] }],
      },
    ],
  },
  "codec.groups.Outer",
);

/** A message whose fields are named as what objects inherit. */
export const Inherited = load(
  {
    name: "codec/inherited.proto",
    package: "codec.inherited",
    syntax: "proto3",
    messageType: [
      {
        name: "Message",
        field: [
          field("hasOwnProperty", 1, Type.STRING),
          field("isPrototypeOf", 2, Type.MESSAGE, { typeName: ".codec.inherited.Message" }),
          field("constructor", 3, Type.INT32),
          field("__proto__", 4, Type.STRING),
        ],
      },
    ],
  },
  "codec.inherited.Message",
);
