import { once } from "node:events";
import { connect } from "node:net";
import { createClient } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import {
  Health as HealthService,
  HealthCheckResponse_ServingStatus as Status,
} from "../../gen/grpc/health/v1/health_pb.js";
import { createHealth } from "../../src/wire/health/health.ts";
import { createReflection } from "../../src/wire/reflection/reflection.ts";
import { converse, pathsOf, symbol } from "./support/reflect.ts";
import { protocols, startWire, transportFor } from "./support/server.ts";

/** Longer than a test may take: a drain that waits for it fails the test. */
const drainMs = 600_000;

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  }
}

test.each(protocols)(
  "should tell a watcher over %s that it stops, and end its stream, before the ports close",
  async (protocol) => {
    const events: string[] = [];
    const health = createHealth();
    health.setServing(true);
    const { wire, url, port, callLine } = await startWire(
      {},
      {
        routes: (router) => health.addTo(router),
        onDrain: async () => {
          await health.shutDown();
          await over;
          events.push((await canConnect(port)) ? "the port is open" : "the port is closed");
        },
      },
    );
    const client = createClient(HealthService, transportFor(protocol, url));
    let serving = (): void => {};
    const isServing = new Promise<void>((resolve) => (serving = resolve));
    const over = (async () => {
      for await (const { status } of client.watch({})) {
        events.push(Status[status]);
        serving();
      }
      events.push("the end");
    })();
    await isServing;

    expect(await wire.drain(drainMs)).toEqual({ cut: 0 });

    expect(events).toEqual(["SERVING", "NOT_SERVING", "the end", "the port is open"]);
    expect(await canConnect(port)).toBe(false);
    expect(await callLine()).toMatchObject({ rpc: "/grpc.health.v1.Health/Watch", code: "ok" });
  },
);

test("should end reflection that waits for another request when it drains", async () => {
  const reflection = createReflection();
  const { wire, url } = await startWire(
    {},
    { routes: (router) => reflection.addTo(router), onDrain: () => reflection.end() },
  );
  const conversation = converse(transportFor("grpc", url));
  onTestFinished(() => conversation.hangUp());
  const first = await conversation.ask(symbol("grpc.reflection.v1.ServerReflection"));
  expect(pathsOf(first)).toEqual(["grpc/reflection/v1/reflection.proto"]);

  expect(await wire.drain(drainMs)).toEqual({ cut: 0 });

  expect(await conversation.next()).toMatchObject({ done: true });
});

test("should drain though telling the streams never ends", async () => {
  const { wire, port } = await startWire({}, { onDrain: () => new Promise(() => {}) });

  expect(await wire.drain(drainMs)).toEqual({ cut: 0 });

  expect(await canConnect(port)).toBe(false);
});

test("should drain though telling the streams fails, and log why", async () => {
  const { wire, lines, port } = await startWire(
    {},
    {
      onDrain: () => {
        throw new Error("broken");
      },
    },
  );

  expect(await wire.drain(drainMs)).toEqual({ cut: 0 });

  expect(await canConnect(port)).toBe(false);
  const errors = lines.filter(({ level }) => level === 50);
  expect(errors).toMatchObject([{ msg: "streams could not be ended", err: { message: "broken" } }]);
});

test("should tell the streams of the end once, however often it drains", async () => {
  let told = 0;
  const { wire } = await startWire({}, { onDrain: () => void told++ });

  await Promise.all([wire.drain(drainMs), wire.drain(0)]);
  await wire.drain(0);

  expect(told).toBe(1);
});
