import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create, fromJson, toBinary, type JsonValue } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandsOf, type WrittenCall } from "../../src/explorer/commands.ts";
import type { Contract } from "../../src/explorer/contract.ts";
import { messageLiteral } from "../../src/explorer/literals.ts";
import { defaultOptions, readHeaders, type CallOptions } from "../../src/explorer/options.ts";
import { commandOf, quoted } from "../../src/explorer/shell.ts";
import { outputOf, runForeign } from "../interop/support/foreign.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { contractOf, everything, messageIn, methodIn, own } from "./support/contracts.ts";

function written(
  contract: Contract,
  path: string,
  values: readonly JsonValue[],
  given: Partial<CallOptions> = {},
  baseUrl = "http://localhost:8080",
): WrittenCall {
  const method = methodIn(contract, path);
  const { registry } = contract;
  const options = { ...defaultOptions, ...given };
  const messages = values.map((value) => fromJson(method.input, value, { registry }));
  const { headers = [] } = readHeaders(options.headers);
  return { method, baseUrl, values, messages, registry, headers, options };
}

const commandFor = (tool: string, call: WrittenCall): string =>
  commandsOf(call).find((command) => command.tool === tool)?.text ?? "";

describe("A word of a shell", () => {
  it("should be read by sh as it was, whatever is in it", async () => {
    const word = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", ""));
    const nasty = fc.string({
      unit: fc.constantFrom(..."'\"\\$`!~*?&|;<>(){}[]# \n\t-=%é😀".split(/(?:)/u)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(word, nasty), { minLength: 1 }), async (words) => {
        // Surrogates that stand alone are no text to a shell.
        const texts = words.map((text) => text.toWellFormed());
        const script = commandOf([String.raw`printf`, String.raw`%s\0`], texts);
        const output = await outputOf("sh", ["-c", script]);
        expect(output.split("\0").slice(0, -1)).toEqual(texts);
      }),
      { numRuns: 60 },
    );
  });

  it("should be left plain if it can be", () => {
    expect(quoted("analytics.v1.AnalyticsService/LogView")).not.toContain("'");
    expect(quoted("")).toBe("''");
    expect(quoted("~")).toBe("'~'");
  });
});

describe("The commands of a call", () => {
  const path = "analytics.v1.AnalyticsService/GetViewStats";

  it("should have deadline and headers in the words of each tool", () => {
    const headers = 'X-Who: it\'s "me", too\nx-empty:';
    const call = written(own, path, [{ video_name: "emma" }], { timeoutMs: 1_500, headers });
    expect(commandFor("curl", call)).toBe(
      [
        String.raw`curl -sS http://localhost:8080/analytics.v1.AnalyticsService/GetViewStats \ `,
        String.raw`  -H 'content-type: application/json' \ `,
        String.raw`  -H 'x-who: it'\''s "me", too' \ `,
        String.raw`  -H 'x-empty;' \ `,
        String.raw`  -H 'connect-timeout-ms: 1500' \ `,
        `  -d '{"video_name":"emma"}'`,
      ]
        .join("\n")
        .replaceAll("\\ \n", "\\\n"),
    );
    expect(commandFor("grpcurl", call)).toContain("-max-time 1.5");
    // buf reads CSV.
    expect(commandFor("buf curl", call)).toContain(String.raw`-H '"x-who: it'\''s ""me"", too"'`);
    expect(commandFor("TypeScript", call)).toContain("timeoutMs: 1500");
  });

  it("should use GET where the page does", () => {
    const call = written(own, path, [{ video_name: "a&b" }], { get: true });
    expect(commandFor("curl", call)).toContain(
      `-d encoding=json --data-urlencode 'message={"video_name":"a&b"}'`,
    );
    expect(commandFor("TypeScript", call)).toContain("useHttpGet: true");
  });

  it("should know TLS and default ports", () => {
    const call = written(own, path, [{}], {}, "https://example.com");
    expect(commandFor("grpcurl", call)).toMatch(/ example\.com:443 /);
    expect(commandFor("grpcurl", call)).not.toContain("-plaintext");
    expect(commandFor("buf curl", call)).not.toContain("prior-knowledge");
  });

  it("should leave streams to tools that can frame them", () => {
    const call = written(own, "analytics.v1.AnalyticsService/WatchViews", [{}]);
    const [curl] = commandsOf(call);
    expect(curl?.text).toBeUndefined();
    expect(curl?.note).toContain("buf curl");
  });
});

describe("A literal of TypeScript", () => {
  it("should make the message that it was written from", async () => {
    const contract = await contractOf(everything);
    const desc = messageIn(contract, "test.Thing");
    const { registry } = contract;
    const leaf = {
      first_name: 'it\'s "x" `${y}`',
      count: -5,
      position: "-9223372036854775808",
      size: "18446744073709551615",
      ratio: "-Infinity",
      part: 0.5,
      is_new: true,
      is_old: false,
      content: "AAEC/w==",
      color: "COLOR_BLUE",
      colors: ["COLOR_RED", 7],
      positions: ["1", "2"],
      counts: { "a b": 1, "": 2 },
      words: { true: "yes" },
      paint: "COLOR_RED",
      time: "2026-01-31T12:00:00.5Z",
      duration: "-1.5s",
      mask: "firstName,inner.kind",
      struct: { a: [1, null, { b: "c" }] },
      value: [true],
      list: ["x", 1],
      string_value: "",
      int64_value: "5",
      bool_value: false,
      note: "",
      inner: { kind: "KIND_ONE" },
    };
    const json = { thing: leaf, more_things: [{}, leaf], things: { "-3": leaf }, other: leaf };
    const message = fromJson(desc, json, { registry });
    const literal = messageLiteral(desc, message, registry, {
      enum: ({ typeName }) => (typeName === "test.Color" ? "Color" : "Kind"),
      base64Decode: () => "decode",
    });
    const make = new Function("Color", "Kind", "decode", `return ${literal}`) as (
      ...names: unknown[]
    ) => Record<string, unknown>;
    const made = create(
      desc,
      make({ UNSPECIFIED: 0, RED: 1, BLUE: 2 }, { ONE: 1 }, (text: string) =>
        Uint8Array.from(Buffer.from(text, "base64")),
      ),
    );
    expect(toBinary(desc, made)).toEqual(toBinary(desc, message));
  });

  it("should be in a program that the compiler takes", async () => {
    const directory = await temporaryDirectory();
    const root = new URL("../..", import.meta.url).pathname;
    await Promise.all(
      ["gen", "node_modules"].map((name) => symlink(join(root, name), join(directory, name))),
    );
    const calls = [
      written(own, "analytics.v1.AnalyticsService/QueryViews", [
        {
          metrics: ["METRIC_VIEWS"],
          filters: [{ not: { prefix: { dimension: { kind: 1 }, prefix: "a" } } }],
          interval: { start_time: "2026-01-01T00:00:00Z" },
        },
      ]),
      written(own, "analytics.v1.AnalyticsService/IngestViews", [{ batch: "AAEC" }, {}], {
        protocol: "grpc-web",
      }),
      written(own, "analytics.v1.AnalyticsService/LogViews", [{ views: [{}] }], {
        timeoutMs: 5,
        headers: "a: b",
      }),
      written(own, "recommendations.v1.Recommendations/EvaluateModel", [{ split: 1 }]),
    ];
    const files = await Promise.all(
      calls.map(async (call, at) => {
        const name = join(directory, `program${at}.mts`);
        await writeFile(name, commandFor("TypeScript", call));
        return name;
      }),
    );
    const flags = ["--noEmit", "--strict", "--skipLibCheck", "--exactOptionalPropertyTypes"];
    const target = ["--target", "es2024", "--module", "nodenext", "--types", "node"];
    const tsc = join(root, "node_modules/.bin/tsc");
    const compiled = await runForeign(tsc, [...flags, ...target, ...files], { cwd: directory });
    expect(compiled).toMatchObject({ stdout: "", code: 0 });
  });
});
