import { rm } from "node:fs/promises";
import { describe, expect, it, afterAll } from "vitest";
import { startServer } from "../support/server.ts";
import { compileGoTests } from "./support/go-tests.ts";

const { directory, tests } = await compileGoTests("grpcgo", "connectgo");
const [grpcGo, connectGo] = tests;
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The name of a Go test as a sentence: TestShouldLogAView is "should log a view". */
function sentenceOf(name: string): string {
  const words = name.replace(/^Test(?:Duplex)?/, "").match(/[A-Z][a-z]*/g) ?? [];
  return words.join(" ").toLowerCase();
}

const named = (names: readonly string[]): [sentence: string, name: string][] =>
  names.map((name) => [sentenceOf(name), name]);

describe("grpc-go", () => {
  it.each(named(grpcGo.names))("%s", async (_sentence, name) => {
    const { url } = await startServer();
    expect(await grpcGo.run(name, { MARQUEE_URL: url })).toBeUndefined();
  });
});

describe.each(["connect", "connect-get", "connect-http1", "grpc", "grpcweb", "grpcweb-http1"])(
  "connect-go over %s",
  (protocol) => {
    // Reading before writing is done needs HTTP/2.
    const able = connectGo.names.filter(
      (name) => !(protocol.endsWith("-http1") && name.startsWith("TestDuplex")),
    );
    it.each(named(able))("%s", async (_sentence, name) => {
      const { url } = await startServer();
      const env = { MARQUEE_URL: url, MARQUEE_PROTOCOL: protocol };
      expect(await connectGo.run(name, env)).toBeUndefined();
    });
  },
);
