import { create, fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { documentOfMapper, Sample } from "./support/mapping.ts";
import { validatorsOf } from "./support/validators.ts";

const document = documentOfMapper();
const schemas = document["components"]?.["schemas"];
const validatorOf = validatorsOf(document);
const sample = (form: "Input" | "Output") => schemas?.[`wire.mapping.Sample-${form}`];

const part = (form: string) => ({ $ref: `#/components/schemas/wire.mapping.Sample.Part-${form}` });
const state = { $ref: "#/components/schemas/wire.mapping.Sample.State" };
const bytes = { type: "string", format: "byte", contentEncoding: "base64" };
const long = { type: "string", format: "int64", pattern: "^-?\\d+$" };
const unsignedLong = { type: "string", format: "uint64", pattern: "^\\d+$" };

test.each<[string, object]>([
  ["flag", { type: "boolean" }],
  ["text", { type: "string", description: "Behind it." }],
  ["data", bytes],
  ["ratio", { type: "number", format: "double" }],
  ["shortRatio", { type: "number", format: "float" }],
  ["int32", { type: "integer", format: "int32" }],
  ["uint32", { type: "integer", format: "uint32", minimum: 0 }],
  ["fixed32", { type: "integer", format: "uint32", minimum: 0 }],
  ["int64", long],
  ["sint64", long],
  ["sfixed64", long],
  ["uint64", unsignedLong],
  ["maybe", { type: "string" }],
  ["state", { ...state, description: "Its state." }],
  ["part", { ...part("Output"), description: "Its only part." }],
  ["parts", { type: "array", items: part("Output") }],
  ["longs", { type: "array", items: long }],
  ["byName", { type: "object", additionalProperties: part("Output") }],
  [
    "byNumber",
    {
      type: "object",
      propertyNames: { pattern: "^-?\\d+$" },
      additionalProperties: { type: "string" },
    },
  ],
  [
    "byFlag",
    { type: "object", propertyNames: { enum: ["true", "false"] }, additionalProperties: state },
  ],
  ["byId", { type: "object", propertyNames: { pattern: "^\\d+$" }, additionalProperties: bytes }],
  ["@other", { type: "string" }],
  ["old", { type: "string", deprecated: true }],
  ["time", { type: "string", format: "date-time" }],
  [
    "took",
    {
      type: "string",
      pattern: "^-?\\d+(\\.\\d{1,9})?s$",
      description: 'How long.\n\nSeconds, such as "90s" or "1.5s".',
    },
  ],
  ["struct", { type: "object", additionalProperties: true }],
  ["value", {}],
  ["list", { type: "array", items: {} }],
  ["longValue", long],
  ["textValue", { type: "string" }],
  ["flagValue", { type: "boolean" }],
])("should describe the field %s of answers", (name, schema) => {
  expect(sample("Output")?.["properties"]?.[name]).toEqual(schema);
});

test.each<[string, object]>([
  ["int64", { ...long, type: ["string", "integer"] }],
  ["uint64", { ...unsignedLong, type: ["string", "integer"] }],
  ["longValue", { ...long, type: ["string", "integer"] }],
  ["longs", { type: "array", items: { ...long, type: ["string", "integer"] } }],
  ["part", { ...part("Input"), description: "Its only part." }],
  ["text", { type: "string", description: "Behind it." }],
])("should describe the field %s of requests", (name, schema) => {
  expect(sample("Input")?.["properties"]?.[name]).toEqual(schema);
});

test("should describe an enum by the names of its values", () => {
  expect(schemas?.["wire.mapping.Sample.State"]).toEqual({
    type: "string",
    description: "How it stands.\n\n- `STATE_READY`: Ready to be used.",
    enum: ["STATE_UNSPECIFIED", "STATE_READY"],
  });
});

test("should say of a oneof what it is about, and that its fields exclude each other", () => {
  const note = "At most one of `person`, `thing`, `nothing` is set.";
  expect(sample("Input")).toMatchObject({
    description: `A message with a field of each kind.\n\n${note} What it is about.`,
    properties: { person: { type: "string", description: `A person.\n\n${note}` } },
  });
});

test("should require of answers what is always in them, and of requests nothing", () => {
  const always = Object.keys(
    toJson(Sample, create(Sample), { alwaysEmitImplicit: true }) as object,
  );

  expect(sample("Output")?.["required"]).toEqual(always);
  expect(always).toContain("byName");
  expect(always).not.toContain("maybe");
  expect(sample("Input")).not.toHaveProperty("required");
});

test("should close requests, unless unknown fields are allowed, and leave answers open", () => {
  expect(sample("Input")).toHaveProperty("additionalProperties", false);
  expect(sample("Output")).not.toHaveProperty("additionalProperties");
  const open = documentOfMapper({ allowUnknownFields: true })["components"]?.["schemas"];
  expect(open?.["wire.mapping.Sample-Input"]).not.toHaveProperty("additionalProperties");
});

test("should name a message plainly that has one form, and leave out those of streams", () => {
  expect(Object.keys(schemas ?? {}).filter((name) => name.startsWith("wire."))).toEqual([
    "wire.mapping.FindRequest",
    "wire.mapping.FindResponse",
    "wire.mapping.Sample-Input",
    "wire.mapping.Sample-Output",
    "wire.mapping.Sample.Part-Input",
    "wire.mapping.Sample.Part-Output",
    "wire.mapping.Sample.State",
  ]);
});

/** All fields, in the forms that the protocol library writes. */
const full = {
  flag: true,
  text: "é",
  data: "AAECAw==",
  ratio: -1.5e300,
  shortRatio: 0.5,
  int32: -2_147_483_648,
  uint32: 4_294_967_295,
  int64: "-9223372036854775808",
  uint64: "18446744073709551615",
  sint64: "1",
  fixed32: 1,
  sfixed64: "-1",
  maybe: "",
  state: "STATE_READY",
  part: { partName: "a", parts: [{ partName: "b", parts: [] }] },
  parts: [{ partName: "", parts: [] }],
  longs: ["1", "-2"],
  byName: { "": { partName: "", parts: [] } },
  byNumber: { "-1": "a" },
  byFlag: { true: "STATE_READY" },
  byId: { "18446744073709551615": "AA==" },
  "@other": "b",
  old: "c",
  thing: { partName: "", parts: [] },
  time: "2026-02-03T04:05:06.789Z",
  took: "-1.500s",
  mask: "partName,parts.partName",
  struct: { a: [1, null, { b: true }] },
  value: null,
  list: ["a", 1, null],
  longValue: "0",
  textValue: "",
  flagValue: false,
};

test.each<[string, JsonValue]>([
  ["empty", {}],
  ["full", full],
])("should describe an answer that is %s as it is written", (_, json) => {
  const written = toJson(Sample, fromJson(Sample, json), { alwaysEmitImplicit: true });
  const validate = validatorOf("#/components/schemas/wire.mapping.Sample-Output");

  expect(written).toMatchObject(json as object);
  validate(written);
  expect(validate.errors).toBeNull();
});

describe("a request should be described as it is taken", () => {
  const validate = validatorOf("#/components/schemas/wire.mapping.Sample-Input");
  const taken = (json: JsonValue): boolean => {
    try {
      fromJson(Sample, json);
      return true;
    } catch {
      return false;
    }
  };

  test.each<[string, JsonValue]>([
    ["nothing", {}],
    ["everything", full],
    ["a long as a number", { int64: -5, uint64: 5, longs: [1, "2"], longValue: 3 }],
    ["a time with an offset", { time: "2026-02-03T04:05:06+02:00" }],
    ["one of a oneof", { person: "" }],
  ])("%s", (_, json) => {
    expect([validate(json), taken(json)]).toEqual([true, true]);
  });

  test.each<[string, JsonValue]>([
    ["an unknown field", { unknown: 1 }],
    ["an unknown field inside", { part: { unknown: 1 } }],
    ["two of a oneof", { person: "", thing: {} }],
    ["a fraction", { int32: 1.5 }],
    ["a fraction of a long", { int64: "1.5" }],
    ["a negative number without a sign", { uint32: -1 }],
    ["a negative long without a sign", { uint64: "-1" }],
    ["text as a number", { text: 1 }],
    ["a flag as text", { flag: "yes" }],
    ["an unknown value of an enum", { state: "STATE_LOST" }],
    ["a list that is none", { parts: {} }],
    ["null in a list", { longs: [null] }],
    ["a map that is none", { byName: [] }],
    ["a key that is no number", { byNumber: { a: "" } }],
    ["a key that is no flag", { byFlag: { maybe: "STATE_READY" } }],
    ["a day as a time", { time: "2026-02-03" }],
    ["a duration in another unit", { took: "1m" }],
    ["a duration in the form of ISO 8601", { took: "PT1S" }],
    ["a message that is none", { part: "a" }],
    ["a struct that is none", { struct: [] }],
  ])("not %s", (_, json) => {
    expect([validate(json), taken(json)]).toEqual([false, false]);
  });
});
