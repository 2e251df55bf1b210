import { fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exampleRequest } from "../../src/explorer/examples.ts";
import { readRequest } from "../../src/explorer/fault.ts";
import {
  emptyValue,
  fieldIn,
  jsonOfTyped,
  nameIn,
  valueTypeOf,
} from "../../src/explorer/fields.ts";
import { readJson, withValue, writeJson } from "../../src/explorer/json-text.ts";
import { contractOf, everything, messageIn, methodIn, own } from "./support/contracts.ts";

const contract = await contractOf(everything);
const { registry } = contract;
const thing = messageIn(contract, "test.Thing");
const doIt = methodIn(contract, "test.Everything/Do");
const now = new Date("2026-11-21T12:00:00.123Z");

describe("An example", () => {
  const methods = [...own.services, ...contract.services].flatMap((service) => service.methods);

  it.each(["needed", "all"] as const)("should be a request of its method: %s", (extent) => {
    for (const method of methods) {
      const example = exampleRequest(method, extent, now);
      const read = readRequest(method, example, own.registry);
      if (method.parent.typeName.startsWith("test.")) continue;
      expect(read.fault, `${String(method)} ${JSON.stringify(example)}`).toBeUndefined();
    }
    const example = exampleRequest(doIt, extent, now);
    expect(readRequest(doIt, example, registry).fault).toBeUndefined();
  });

  it("should have what is needed, in words that say what it is", () => {
    const path = "profiles.v1.ProfileService/CreateProfile";
    expect(exampleRequest(methodIn(own, path), "needed", now)).toEqual({
      first_name: "Ann",
      last_name: "Lee",
      email: "ann@example.com",
    });
  });

  it("should have something where nothing is needed", () => {
    const path = "analytics.v1.AnalyticsService/LogViews";
    expect(exampleRequest(methodIn(own, path), "needed", now)).toEqual([
      { views: [{ video_name: "video-1" }] },
    ]);
  });

  it("should go by what comments say", () => {
    const path = "analytics.v1.AnalyticsService/QueryViews";
    const example = exampleRequest(methodIn(own, path), "all", now);
    expect(example).toMatchObject({
      metrics: ["METRIC_VIEWS"],
      interval: { start_time: "2026-11-14T12:00:00Z", end_time: "2026-11-21T12:00:00Z" },
      time_zone: "Europe/Amsterdam",
      page_size: 100,
    });
    expect(example).not.toHaveProperty("page_token");
  });
});

describe("A request", () => {
  it.each<[JsonValue, (string | number)[], "name" | "value", string]>([
    [{ first_nam: "x" }, ["first_nam"], "name", 'no field "first_nam". It has first_name,'],
    [{ count: "x" }, ["count"], "value", "int32"],
    [{ count: 2 ** 31 }, ["count"], "value", "int32"],
    [{ size: "-1" }, ["size"], "value", "uint64"],
    [{ color: "RED" }, ["color"], "value", "Color"],
    [{ thing: { thing: { isNew: 1 } } }, ["thing", "thing", "isNew"], "value", "bool"],
    [{ more_things: [{}, { part: "x" }] }, ["more_things", 1, "part"], "value", "float"],
    [{ positions: ["1", "x"] }, ["positions", 1], "value", "int64"],
    [{ positions: 1 }, ["positions"], "value", "Array"],
    [{ counts: { a: 1, b: "x" } }, ["counts", "b"], "value", "int32"],
    [{ things: { "1": {}, x: {} } }, ["things", "x"], "value", "int32"],
    [{ things: { "1": { note: 1 } } }, ["things", "1", "note"], "value", "string"],
    [{ time: "yesterday" }, ["time"], "value", "2026-01-31T12:00:00Z"],
    [{ text: "a", paint: "COLOR_RED" }, [], "value", "oneof"],
    [{ thing: [] }, ["thing"], "value", "test.Thing is an object"],
    [{ any: { "@type": "type.googleapis.com/no.Type" } }, ["any"], "value", "no.Type"],
  ])("should be refused where it is wrong: %j", (value, path, part, message) => {
    const { fault } = readRequest(doIt, value, registry);
    expect(fault).toMatchObject({ path, part });
    expect(fault?.message).toContain(message);
  });

  it("should be a list where the method takes a stream", () => {
    const doMany = methodIn(contract, "test.Everything/DoMany");
    expect(readRequest(doMany, {}, registry).fault).toMatchObject({ path: [] });
    expect(readRequest(doMany, [], registry).messages).toEqual([]);
    expect(readRequest(doMany, [{}, { count: "x" }], registry).fault?.path).toEqual([1, "count"]);
  });

  it("should take both names of a field, and null", () => {
    const value = { firstName: "a", is_new: true, thing: null, isOld: false };
    expect(readRequest(doIt, value, registry).messages).toHaveLength(1);
  });
});

describe("The form of a request", () => {
  it("should find fields by the names that the JSON has", () => {
    const [firstName] = thing.fields;
    if (firstName === undefined) throw new Error("no field");
    expect(nameIn({ firstName: "a" }, firstName)).toBe("firstName");
    expect(nameIn({}, firstName)).toBe("first_name");
    expect(fieldIn({ firstName: "a" }, firstName)).toBe("a");
    expect(fieldIn({ first_name: null }, firstName)).toBeUndefined();
  });

  it("should add values that are right as they are, where a type has such", () => {
    for (const field of thing.fields) {
      const type = valueTypeOf(field);
      const empty = emptyValue(type);
      // What is written as a text is to be filled in.
      if (type.kind === "message" && empty === "") continue;
      if (field.name === "value" || field.name === "list") continue;
      const value = field.fieldKind === "list" ? [empty] : field.fieldKind === "map" ? {} : empty;
      const { fault } = readRequest(doIt, { [field.name]: value }, registry);
      expect(fault, field.name).toBeUndefined();
    }
  });

  it("should lose nothing on the way from JSON to controls and back", () => {
    const scalars = thing.fields.filter(({ fieldKind }) => fieldKind === "scalar");
    const typed = fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String));
    fc.assert(
      fc.property(fc.constantFrom(...scalars), typed, (field, text) => {
        const type = valueTypeOf(field);
        if (type.kind !== "scalar") return;
        const value = jsonOfTyped(type.scalar, text);
        const whole = withValue({ thing: {} }, ["thing", field.name], value) ?? {};
        const read = readJson(writeJson(whole)).value as { thing: JsonValue };
        const found = fieldIn(read.thing, field);
        // What the control shows is what was typed.
        expect(typeof found === "string" ? found : JSON.stringify(found)).toBe(text);
      }),
    );
  });

  it("should write values of all kinds that mean what was typed", () => {
    const typed = { count: "-5", position: "9223372036854775807", ratio: "1.50", part: "NaN" };
    let request: JsonValue = {};
    for (const [name, text] of Object.entries(typed)) {
      const type = valueTypeOf(thing.fields.find((field) => field.name === name) as never);
      if (type.kind !== "scalar") throw new Error(`${name} is no scalar`);
      request = withValue(request, [name], jsonOfTyped(type.scalar, text)) ?? {};
    }
    expect(toJson(thing, fromJson(thing, request))).toEqual({
      count: -5,
      position: "9223372036854775807",
      ratio: 1.5,
      part: "NaN",
    });
  });
});
