import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { Notes } from "./support/contract.ts";
import { protocols, startWire, transportFor } from "./support/server.ts";

test.each(protocols)("should serve every kind of method over %s", async (protocol) => {
  const { url } = await startWire();
  const client = createClient(Notes, transportFor(protocol, url));

  expect(await client.say({ text: "hello", number: 7 })).toMatchObject({
    text: "hello",
    number: 7,
  });

  const listed: number[] = [];
  for await (const { number } of client.list({ number: 3 })) listed.push(number);
  expect(listed).toEqual([0, 1, 2]);

  const collected = await client.collect(notes(1, 2, 3));
  expect(collected.number).toBe(6);

  if (protocol.endsWith("1.1")) return;
  const chatted: number[] = [];
  for await (const { number } of client.chat(notes(4, 5))) chatted.push(number);
  expect(chatted).toEqual([4, 5]);
});

test.each(protocols)(
  "should tell an unknown method that it is unimplemented over %s",
  async (protocol) => {
    const { url, callLine } = await startWire();
    const other = { ...Notes.method.say, name: "Shout" } as typeof Notes.method.say;
    const call = transportFor(protocol, url).unary(other, undefined, undefined, undefined, {});

    const error = ConnectError.from(await call.catch((e: unknown) => e));

    expect(error.code).toBe(Code.Unimplemented);
    expect(error.rawMessage).toBe("there is no method /wire.test.Notes/Shout");
    expect(await callLine()).toMatchObject({
      rpc: "/wire.test.Notes/Shout",
      code: "unimplemented",
    });
  },
);

test.each(protocols)("should compress a long answer for a client over %s", async (protocol) => {
  const { url, callLine } = await startWire();
  const client = createClient(Notes, transportFor(protocol, url));
  const text = "again and ".repeat(2_000);

  expect((await client.say({ text })).text).toBe(text);

  const { bytesOut } = await callLine();
  expect(bytesOut).toBeLessThan(1_000);
});

test("should refuse a stream both ways over HTTP/1.1, and say why", async () => {
  const { url, callLine } = await startWire();

  const response = await fetch(`${url}/wire.test.Notes/Chat`, {
    method: "POST",
    headers: { "content-type": "application/connect+json" },
    body: "",
  });

  expect(response.status).toBe(505);
  expect(await response.json()).toEqual({
    code: "unimplemented",
    message: "/wire.test.Notes/Chat streams both ways: it needs HTTP/2",
  });
  expect(await callLine()).toMatchObject({ code: "unimplemented", http: "1.1" });
});

async function* notes(...numbers: number[]) {
  for (const number of numbers) yield { number };
}
