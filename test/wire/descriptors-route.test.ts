import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect, onTestFinished, test } from "vitest";
import { addDescriptors } from "../../src/wire/reflection/descriptors-route.ts";
import { createWireServer } from "../../src/wire/server.ts";
import { testOptions } from "./support/server.ts";
import { imageOfShelf, shelfComment, shelfRoutes } from "./support/shelf.ts";

async function startDescribed(origins: readonly string[] = []): Promise<string> {
  const wire = await createWireServer({ ...testOptions([]), routes: shelfRoutes, origins });
  addDescriptors(wire.fastify, wire.services, imageOfShelf());
  onTestFinished(async () => {
    await wire.drain(0);
  });
  const [url = ""] = await wire.listen("localhost", [0]);
  return `${url}/descriptors.binpb`;
}

test("should serve what is served, with comments, in the order that registries want", async () => {
  const response = await fetch(await startDescribed());

  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/x-protobuf");
  const set = fromBinary(FileDescriptorSetSchema, new Uint8Array(await response.arrayBuffer()));
  expect(set.file.map(({ name }) => name)).toEqual([
    "pinger.proto",
    "wire/base.proto",
    "wire/shelf.proto",
    "google/protobuf/duration.proto",
    "google/rpc/error_details.proto",
  ]);
  expect(set.file.flatMap(({ $unknown = [] }) => $unknown)).toEqual([]);
  expect(set.file[2]?.sourceCodeInfo?.location[0]?.leadingComments).toBe(shelfComment);
  const registry = createFileRegistry(set);
  expect(registry.getService("wire.shelf.Shelf")?.methods.map(({ name }) => name)).toEqual([
    "Take",
  ]);
  expect(registry.getMessage("google.rpc.BadRequest")).toBeDefined();
});

test.each([
  ["gzip, deflate, br", "gzip"],
  ["br;q=1.0, gzip;q=0.8", "gzip"],
  ["*", "gzip"],
  ["gzip;q=0", undefined],
  ["gzip; q=0.0", undefined],
  ["br", undefined],
  ["", undefined],
])("should answer a client that accepts %j with %j", async (accepted, encoding) => {
  const asked = request(await startDescribed(["*"]), {
    headers: { "accept-encoding": accepted, origin: "https://example.org" },
  });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();

  expect(response.headers["content-encoding"]).toBe(encoding);
  expect(response.headers.vary).toBe("Origin, Accept-Encoding");
});

test("should not send it again to a client that has it", async () => {
  const url = await startDescribed();
  const first = await fetch(url);
  const tag = first.headers.get("etag") ?? "";

  for (const known of [tag, `"other", ${tag}`, tag.replace("W/", ""), "*"]) {
    const again = await fetch(url, { headers: { "if-none-match": known } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect(again.headers.get("etag")).toBe(tag);
  }
  const other = await fetch(url, { headers: { "if-none-match": '"other"' } });
  expect(other.status).toBe(200);
});
