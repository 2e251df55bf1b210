import { expect, test } from "vitest";
import { startWire } from "../support/server.ts";

/** A request of gRPC-Web: an empty message, and what comes after it. */
async function say(url: string, rest: Buffer): Promise<string> {
  const response = await fetch(`${url}/wire.test.Notes/Say`, {
    method: "POST",
    headers: { "content-type": "application/grpc-web+proto" },
    body: Buffer.concat([Buffer.alloc(5), rest]),
  });
  return (await response.text()) + [...response.headers].join("\n");
}

function trailers(bytes: number): Buffer {
  const prefix = Buffer.from([0x80, 0, 0, 0, 0]);
  prefix.writeUInt32BE(bytes, 1);
  return Buffer.concat([prefix, Buffer.alloc(bytes, "a")]);
}

test("should take the trailers that a client of gRPC-Web may end its request with", async () => {
  const { url } = await startWire();

  expect(await say(url, trailers(20))).toContain("grpc-status: 0");
});

test.each([
  ["trailers that are too long", trailers(20_000)],
  ["another message", Buffer.alloc(5)],
])("should refuse %s after the message of a unary call", async (_what, rest) => {
  const { url } = await startWire();

  expect(await say(url, rest)).toMatch(/grpc-status: ?12/);
});
