import { getEventListeners } from "node:events";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  type Client,
  type ConnectRouter,
} from "@connectrpc/connect";
import { Client as GrpcClient, credentials } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  file_grpc_health_v1_health,
  Health as HealthService,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from "../../gen/grpc/health/v1/health_pb.js";
import { createHealth, type Health } from "../../src/wire/health/health.ts";
import { createStatuses } from "../../src/wire/health/statuses.ts";
import { Notes } from "./support/contract.ts";
import { protocols, startWire, transportFor } from "./support/server.ts";

const { NOT_SERVING, SERVING, SERVICE_UNKNOWN } = Status;
const notes = "wire.test.Notes";

async function startHealth(): Promise<{ health: Health; url: string }> {
  const health = createHealth();
  const routes = (router: ConnectRouter): void => {
    health.addTo(router);
    router.service(Notes, {});
  };
  const { url } = await startWire({}, { routes });
  return { health, url };
}

async function failure(call: Promise<unknown>): Promise<ConnectError> {
  return ConnectError.from(
    await call.then(
      () => "it did not fail",
      (error: unknown) => error,
    ),
  );
}

/** The statuses of a watch, one at a time. */
function watch(client: Client<typeof HealthService>, service: string, signal?: AbortSignal) {
  const options = signal === undefined ? {} : { signal };
  const stream = client.watch({ service }, options)[Symbol.asyncIterator]();
  return async (): Promise<Status | "the end"> => {
    const { done, value } = await stream.next();
    return done === true ? "the end" : value.status;
  };
}

test("should know its contract by the name that everybody has for it", () => {
  // Clients that have the file already would take it for another one with the same symbols.
  expect(`${file_grpc_health_v1_health.proto.name}`).toBe("grpc/health/v1/health.proto");
});

describe.each(protocols)("health over %s", (protocol) => {
  test("should be what it was set to, for the server and each service", async () => {
    const { health, url } = await startHealth();
    const client = createClient(HealthService, transportFor(protocol, url));
    const names = ["", notes, "grpc.health.v1.Health"];
    const check = () =>
      Promise.all(names.map(async (service) => (await client.check({ service })).status));

    expect(await check()).toEqual([NOT_SERVING, NOT_SERVING, NOT_SERVING]);
    health.setServing(true);
    expect(await check()).toEqual([SERVING, SERVING, SERVING]);
    health.set(notes, NOT_SERVING);
    expect(await check()).toEqual([SERVING, NOT_SERVING, SERVING]);
    health.setServing(false);
    health.set(notes, SERVING);
    expect(await check()).toEqual([NOT_SERVING, SERVING, NOT_SERVING]);
  });

  test("should tell a watcher its status at once, then every change", async () => {
    const { health, url } = await startHealth();
    const client = createClient(HealthService, transportFor(protocol, url));
    const next = watch(client, notes);

    expect(await next()).toBe(NOT_SERVING);
    health.setServing(true);
    expect(await next()).toBe(SERVING);
    // Neither of these is a change of this service.
    health.set("another", NOT_SERVING);
    health.setServing(true);
    health.set(notes, NOT_SERVING);
    expect(await next()).toBe(NOT_SERVING);
  });

  test("should forget a watcher whose client is gone", async () => {
    const { health, url } = await startHealth();
    const client = createClient(HealthService, transportFor(protocol, url));
    const abort = new AbortController();
    const next = watch(client, "", abort.signal);
    await next();
    expect(health.watchers).toBe(1);

    abort.abort();

    expect((await failure(next())).code).toBe(Code.Canceled);
    await expect.poll(() => health.watchers).toBe(0);
  });
});

test("should not find a service that it does not have", async () => {
  const { url } = await startHealth();
  const client = createClient(HealthService, transportFor("grpc", url));

  const unknown = await failure(client.check({ service: "wire.test.None" }));
  expect(unknown.code).toBe(Code.NotFound);
  expect(unknown.rawMessage).toBe("there is no service wire.test.None");
  // It fits into the trailers of a client that takes 8 KiB of them.
  const long = await failure(client.check({ service: "é".repeat(30_000) }));
  expect(long.code).toBe(Code.NotFound);
  expect(long.rawMessage.length).toBeLessThan(300);
});

test("should tell a watcher that a service is unknown, and when it is not any more", async () => {
  const { health, url } = await startHealth();
  const next = watch(createClient(HealthService, transportFor("grpc", url)), "later");

  expect(await next()).toBe(SERVICE_UNKNOWN);
  health.setServing(true);
  health.set("later", SERVING);
  expect(await next()).toBe(SERVING);
});

test("should watch no service whose name is longer than 1,000 characters", async () => {
  const { health, url } = await startHealth();
  const client = createClient(HealthService, transportFor("grpc", url));

  expect(await watch(client, "n".repeat(1_000))()).toBe(SERVICE_UNKNOWN);
  const error = await failure(watch(client, "n".repeat(1_001))());
  expect(error.code).toBe(Code.InvalidArgument);
  expect(health.watchers).toBe(1);
});

test("should list the server and all services, but no more than 100", async () => {
  const { health, url } = await startHealth();
  const client = createClient(HealthService, transportFor("grpc", url));
  health.setServing(true);
  health.set(notes, NOT_SERVING);

  const { statuses } = await client.list({});
  expect(Object.entries(statuses).map(([name, { status }]) => [name, status])).toEqual([
    ["", SERVING],
    ["grpc.health.v1.Health", SERVING],
    [notes, NOT_SERVING],
  ]);

  for (let i = 0; i < 97; i++) health.set(`service ${i}`, SERVING);
  expect(Object.keys((await client.list({})).statuses)).toHaveLength(100);
  health.set("one more", SERVING);
  expect((await failure(client.list({}))).code).toBe(Code.ResourceExhausted);
});

test("should tell a change to many watchers, and forget all of them", async () => {
  const { health, url } = await startHealth();
  const client = createClient(HealthService, transportFor("grpc", url));
  const abort = new AbortController();
  const watchers = Array.from({ length: 500 }, () => watch(client, notes, abort.signal));
  const all = () => Promise.all(watchers.map((next) => next())).then((seen) => new Set(seen));

  expect(await all()).toEqual(new Set([NOT_SERVING]));
  expect(health.watchers).toBe(500);
  health.setServing(true);
  expect(await all()).toEqual(new Set([SERVING]));
  abort.abort();

  await expect.poll(() => health.watchers).toBe(0);
});

test("should keep nothing for a watcher that is slow but the last status", async () => {
  const statuses = createStatuses();
  const { signal } = new AbortController();
  const slow = statuses.watch("", signal)[Symbol.asyncIterator]();
  expect((await slow.next()).value).toBe(NOT_SERVING);

  for (const serving of [true, false, true, false, true]) statuses.setServing(serving);

  expect((await slow.next()).value).toBe(SERVING);
  const next = slow.next();
  statuses.setServing(false);
  expect((await next).value).toBe(NOT_SERVING);
});

test("should wake a watcher that waits for a service's own status", async () => {
  const statuses = createStatuses();
  const { signal } = new AbortController();
  const watcher = statuses.watch("later", signal)[Symbol.asyncIterator]();
  expect((await watcher.next()).value).toBeUndefined();

  const next = watcher.next();
  statuses.set("later", SERVING);

  expect((await next).value).toBe(SERVING);
});

test("should leave no listener on the signal of a watcher that is gone", async () => {
  const statuses = createStatuses();
  const { signal } = new AbortController();
  const watcher = statuses.watch("", signal)[Symbol.asyncIterator]();
  const kept = () => [getEventListeners(signal, "abort").length, statuses.watchers];
  await watcher.next();
  expect(kept()).toEqual([1, 1]);

  await watcher.return?.();

  expect(kept()).toEqual([0, 0]);
});

test("should be NOT_SERVING for good once it is shut down, and end those who watch", async () => {
  const { health, url } = await startHealth();
  const client = createClient(HealthService, transportFor("grpc", url));
  health.setServing(true);
  health.set(notes, SERVING);
  const watched = { notes: watch(client, notes), unknown: watch(client, "none") };
  expect([await watched.notes(), await watched.unknown()]).toEqual([SERVING, SERVICE_UNKNOWN]);

  await health.shutDown();
  health.setServing(true);
  health.set(notes, SERVING);

  expect(health.watchers).toBe(0);
  expect([await watched.notes(), await watched.notes()]).toEqual([NOT_SERVING, "the end"]);
  expect(await watched.unknown()).toBe("the end");
  expect((await client.check({})).status).toBe(NOT_SERVING);
  expect((await client.check({ service: notes })).status).toBe(NOT_SERVING);
  const late = watch(client, notes);
  expect([await late(), await late()]).toEqual([NOT_SERVING, "the end"]);
});

test("should answer Check and Watch of grpc-js", async () => {
  const { health, url } = await startHealth();
  const client = new GrpcClient(new URL(url).host, credentials.createInsecure());
  onTestFinished(() => client.close());
  const encode = (service: string): Buffer =>
    Buffer.from(toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service })));
  const decode = (bytes: Buffer): HealthCheckResponse =>
    fromBinary(HealthCheckResponseSchema, bytes);

  const seen: Status[] = [];
  const watching = client.makeServerStreamRequest(
    "/grpc.health.v1.Health/Watch",
    encode,
    decode,
    "",
  );
  for await (const message of watching) {
    seen.push((message as HealthCheckResponse).status);
    if (seen.length === 1) health.setServing(true);
    if (seen.length === 2) void health.shutDown();
  }
  const checked = await new Promise<HealthCheckResponse | undefined>((resolve, reject) => {
    client.makeUnaryRequest("/grpc.health.v1.Health/Check", encode, decode, notes, (error, value) =>
      error === null ? resolve(value) : reject(error),
    );
  });

  expect(seen).toEqual([NOT_SERVING, SERVING, NOT_SERVING]);
  expect(checked?.status).toBe(NOT_SERVING);
});
