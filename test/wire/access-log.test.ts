import { createClient } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { Notes } from "./support/contract.ts";
import { protocols, startWire, transportFor } from "./support/server.ts";

const spoken: Readonly<Record<(typeof protocols)[number], readonly [string, string]>> = {
  grpc: ["grpc", "2.0"],
  "grpc-web over HTTP/1.1": ["grpc-web", "1.1"],
  "grpc-web over HTTP/2": ["grpc-web", "2.0"],
  "connect over HTTP/1.1": ["connect", "1.1"],
  "connect over HTTP/2": ["connect", "2.0"],
  "JSON over HTTP/1.1": ["connect", "1.1"],
  "JSON over HTTP/2": ["connect", "2.0"],
};

test.each(protocols)("should log one line for each call over %s", async (protocol) => {
  const { url, lines, callLine } = await startWire();
  const client = createClient(Notes, transportFor(protocol, url));

  await client.say({ text: "hello" }, { headers: { "x-request-id": "call-1" } });
  for await (const _ of client.list({ number: 2 }));

  const [name, http] = spoken[protocol];
  expect(await callLine(0)).toMatchObject({
    level: 30,
    rpc: "/wire.test.Notes/Say",
    protocol: name,
    http,
    code: "ok",
    requestId: "call-1",
    peer: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
    ms: expect.any(Number),
  });
  expect(await callLine(1)).toMatchObject({ rpc: "/wire.test.Notes/List", code: "ok" });
  // "hello" is 7 bytes as protobuf, and an envelope begins with 5 more.
  const bytesIn = protocol.startsWith("JSON") ? 16 : protocol.startsWith("connect") ? 7 : 12;
  expect((await callLine(0))["bytesIn"]).toBe(bytesIn);
  expect(Number((await callLine(0))["bytesOut"])).toBeGreaterThanOrEqual(bytesIn);
  expect(lines).toHaveLength(2);
});

test.each(protocols)(
  "should log the code of a long error over %s, though it is compressed",
  async (protocol) => {
    const { url, callLine } = await startWire(
      {},
      {
        violations: () => [{ field: "text", description: "too long and ".repeat(300) }],
      },
    );
    const client = createClient(Notes, transportFor(protocol, url));

    await expect(client.say({})).rejects.toThrow("too long");
    await expect(readAll(client.list({}))).rejects.toThrow("too long");

    expect(await callLine(0)).toMatchObject({ code: "invalid_argument" });
    expect(await callLine(1)).toMatchObject({ code: "invalid_argument" });
  },
);

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
