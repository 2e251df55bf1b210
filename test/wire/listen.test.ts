import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { connect as connectHttp2 } from "node:http2";
import { expect, onTestFinished, test } from "vitest";
import { listenOn, listenOnAll } from "../../src/wire/listen.ts";
import { createWireServer } from "../../src/wire/server.ts";
import { startWire, testOptions } from "./support/server.ts";

const hasIpv6 = await listenOnAll(["::1"], 0, () => {}).then(
  (listeners) => {
    closeAll(listeners);
    return true;
  },
  () => false,
);

function closeAll(listeners: readonly Server[]): void {
  for (const listener of listeners) listener.close();
}

async function occupy(host: string): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function newServer() {
  const wire = await createWireServer(testOptions([]));
  onTestFinished(async () => void (await wire.drain(0)));
  return wire;
}

test.skipIf(!hasIpv6)(
  "should listen on both address families of localhost with one port",
  async () => {
    const { port } = await startWire();

    for (const host of ["127.0.0.1", "[::1]"]) {
      expect((await fetch(`http://${host}:${port}/healthz`)).status).toBe(200);
    }
  },
);

test("should go on with the addresses that this host has", async () => {
  // 192.0.2.1 is for documentation: no host has it.
  const listeners = await listenOnAll(["127.0.0.1", "192.0.2.1"], 0, () => {});
  onTestFinished(() => closeAll(listeners));

  expect(listeners).toHaveLength(1);
});

test("should fail when this host has none of the addresses", async () => {
  await expect(listenOn("192.0.2.1", 8080, () => {})).rejects.toThrow(
    "cannot listen on 192.0.2.1:8080: this machine does not have the address",
  );
});

test("should name host and port when the port is in use", async () => {
  const port = await occupy("127.0.0.1");
  const wire = await newServer();

  await expect(wire.listen("localhost", [port])).rejects.toThrow(
    new Error(`cannot listen on localhost:${port}: the port is in use`),
  );
});

test.skipIf(!hasIpv6)(
  "should fail when another program has the port in one of the families",
  async () => {
    const port = await occupy("::1");
    const wire = await newServer();

    await expect(wire.listen("localhost", [port])).rejects.toThrow("the port is in use");
  },
);

test("should give up the ports it has when it cannot have another", async () => {
  const taken = await occupy("127.0.0.1");
  const wire = await newServer();
  const { url, listeners } = await listenOn("127.0.0.1", 0, () => {});
  const port = Number(new URL(url).port);
  closeAll(listeners);

  await expect(wire.listen("127.0.0.1", [port, taken])).rejects.toThrow(`127.0.0.1:${taken}`);

  closeAll(await listenOnAll(["127.0.0.1"], port, () => {}));
});

test("should listen on several ports, and tell the address of each", async () => {
  const wire = await newServer();

  const urls = await wire.listen("127.0.0.1", [0, 0]);

  expect(new Set(urls).size).toBe(2);
  for (const url of urls) expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("should speak HTTP/1.1 and HTTP/2 on one port", async () => {
  const { url } = await startWire();
  const session = connectHttp2(url);
  onTestFinished(() => session.destroy());

  const call = session.request({ ":path": "/healthz" });
  const [headers] = await once(call, "response");
  call.resume();

  expect(headers[":status"]).toBe(200);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("should limit the streams of one HTTP/2 connection", async () => {
  const { url } = await startWire();
  const session = connectHttp2(url);
  onTestFinished(() => session.destroy());

  const [settings] = await once(session, "remoteSettings");

  expect(settings.maxConcurrentStreams).toBe(1_000);
});
