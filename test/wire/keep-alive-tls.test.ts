import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { createWireServer } from "../../src/wire/server.ts";
import { authority, server } from "./support/pki.ts";
import { testOptions, type Line } from "./support/server.ts";

/** More than all buffers between a server and a client that does not read: bytes. */
const largeBytes = 32 * 1_048_576;

/** What a TLS record begins with that has data of the application. */
const applicationData = 0x17;

/** A server that does nothing but pass bytes on, to another one and back. */
interface Relay {
  readonly port: number;
  /** From now on, what the client sends goes on when it is so many whole TLS records of data. */
  gather(records: number): void;
}

async function startRelay(port: number): Promise<Relay> {
  let wanted = 0;
  const relay = createServer((client) => {
    const onward = connect(port, "localhost");
    let held = Buffer.alloc(0);
    client.on("data", (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      if (countRecords(held) < wanted) return;
      onward.write(held);
      held = Buffer.alloc(0);
    });
    onward.pipe(client);
    for (const socket of [client, onward]) {
      onTestFinished(() => void socket.destroy());
      // How either ends is for the test to see, at its end of the line.
      socket.on("error", () => {});
    }
  });
  onTestFinished(() => void relay.close());
  relay.listen(0, "localhost");
  await once(relay, "listening");
  return {
    port: (relay.address() as AddressInfo).port,
    gather: (records) => (wanted = records),
  };
}

function countRecords(bytes: Buffer): number {
  let count = 0;
  let offset = 0;
  while (bytes.length - offset >= 5) {
    const next = offset + 5 + bytes.readUInt16BE(offset + 3);
    if (next > bytes.length) break;
    if (bytes[offset] === applicationData) count++;
    offset = next;
  }
  return count;
}

test("should take the next request over HTTP/1.1 and TLS while a large answer is still on its way", async () => {
  const lines: Line[] = [];
  const wire = await createWireServer({ ...testOptions(lines), tls: server });
  onTestFinished(async () => {
    await wire.drain(0);
  });
  const begun: Socket[] = [];
  wire.fastify.addHook("onRequest", (request, _reply, done) => {
    begun.push(request.raw.socket);
    done();
  });
  wire.fastify.get("/large", (_request, reply) => reply.send(Buffer.alloc(largeBytes)));
  wire.fastify.post("/echo", (request, reply) => reply.send(request.body));
  const [url = ""] = await wire.listen("localhost", [0]);
  const relay = await startRelay(Number(new URL(url).port));
  const client = connectTls({ port: relay.port, host: "localhost", ca: authority });
  onTestFinished(() => void client.destroy());
  await once(client, "secureConnect");

  // An answer that is not read: the server waits until there is room for the rest.
  client.pause();
  client.write("GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
  await expect.poll(() => begun[0]?.writableNeedDrain).toBe(true);
  // Headers and body, each a record, that arrive at once: the server decrypts
  // both before anybody can tell it to wait after the first.
  relay.gather(2);
  const type = "content-type: application/json\r\ncontent-length: 7";
  client.write(`POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${type}\r\n\r\n`);
  client.write('"hello"');
  await expect.poll(() => begun.length).toBe(2);

  const answers = await buffer(client);

  expect(lines.filter(({ msg }) => msg === "connection cut")).toEqual([]);
  expect(answers.length).toBeGreaterThan(largeBytes);
  expect(answers.subarray(-5).toString()).toBe("hello");
});
