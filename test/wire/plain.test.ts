import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { connectRaw, flag, frameType } from "./support/frames.ts";
import { createWireServer } from "../../src/wire/server.ts";
import { postJson, requestIdKey, startWire, testOptions } from "./support/server.ts";

test("should say that it lives, and whether it is ready", async () => {
  let ready = false;
  const { url, lines } = await startWire({}, { isReady: () => ready });

  const alive = await fetch(`${url}/healthz`);
  expect([alive.status, await alive.json()]).toEqual([200, { status: "ok" }]);
  const early = await fetch(`${url}/readyz`);
  expect([early.status, await early.json()]).toEqual([503, { status: "not ready" }]);
  ready = true;
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(lines).toEqual([]);
});

test("should answer an unknown path with 404, naming it", async () => {
  const { url, lines } = await startWire();

  const response = await fetch(`${url}/nothing/here?at=all`);

  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({
    code: "unimplemented",
    message: "there is nothing at /nothing/here",
  });
  expect(lines).toEqual([]);
});

test("should answer an unknown RPC with 404, and log it as a call", async () => {
  const { url, callLine } = await startWire();

  const response = await postJson(url, "Shout", {});

  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    code: "unimplemented",
    message: "there is no method /wire.test.Notes/Shout",
  });
  expect(await callLine()).toMatchObject({
    rpc: "/wire.test.Notes/Shout",
    code: "unimplemented",
    bytesOut: Number(response.headers.get("content-length")),
    requestId: response.headers.get("x-request-id"),
  });
});

test.each(["application/grpc", "application/grpc-web+proto"])(
  "should answer an unknown RPC with nothing but headers as %s",
  async (contentType) => {
    const { url, port } = await startWire();

    const overHttp1 = await fetch(`${url}/wire.test.Notes/Shout`, {
      method: "POST",
      headers: { "content-type": contentType },
      body: "x",
    });
    expect(overHttp1.status).toBe(200);
    expect(overHttp1.headers.get("content-type")).toBe(contentType);
    expect(overHttp1.headers.get("grpc-status")).toBe("12");
    expect(decodeURIComponent(overHttp1.headers.get("grpc-message") ?? "")).toBe(
      "there is no method /wire.test.Notes/Shout",
    );
    expect(await overHttp1.text()).toBe("");

    const raw = await connectRaw(port);
    raw.post(1, "/wire.test.Notes/Shout", contentType);
    const headers = await raw.received(frameType.headers, 1);
    expect(headers.flags & flag.endStream).toBe(flag.endStream);
    // The rest of the request is not wanted, but nothing went wrong.
    expect((await raw.received(frameType.reset, 1)).payload).toEqual(Buffer.alloc(4));
  },
);

test("should answer a wrong HTTP method with 405 and the right ones", async () => {
  const { url, callLine } = await startWire();

  const wrong = await fetch(`${url}/wire.test.Notes/Say`);
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("allow")).toBe("POST");
  expect(await wrong.json()).toEqual({
    code: "unknown",
    message: "/wire.test.Notes/Say cannot be called with GET: use POST",
  });
  const other = await fetch(`${url}/wire.test.Notes/Read`, { method: "PUT" });
  expect(other.headers.get("allow")).toBe("POST, GET");
  expect(await callLine(0)).toMatchObject({ code: "unknown", protocol: "connect-get" });
});

test("should answer an unknown content type with 415 and one that would do", async () => {
  const { url } = await startWire();

  const response = await postJson(url, "Say", "text=hello", { "content-type": "text/plain" });

  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({
    message: expect.stringContaining("application/json"),
  });
});

test("should serve a method without side effects by GET", async () => {
  const { url, callLine } = await startWire();
  const message = encodeURIComponent(JSON.stringify({ text: "hello" }));

  const response = await fetch(
    `${url}/wire.test.Notes/Read?connect=v1&encoding=json&message=${message}`,
  );

  expect(await response.json()).toEqual({ text: "hello", number: 0, data: "" });
  expect(await callLine()).toMatchObject({ protocol: "connect-get", code: "ok", bytesIn: 0 });
});

test("should refuse a GET whose message is not what it says", async () => {
  const { url } = await startWire();

  const response = await fetch(`${url}/wire.test.Notes/Read?encoding=proto&base64=1&message=~~`);

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "invalid_argument" });
});

test("should serve routes of the application, and tell their failures in the same form", async () => {
  const url = await startServerWithRoutes();

  expect(await (await fetch(`${url}/hello`)).json()).toEqual({ hello: "world" });
  const failed = await fetch(`${url}/broken`, { headers: { "x-request-id": "page-1" } });
  expect(failed.status).toBe(500);
  expect(await failed.json()).toEqual({
    code: "internal",
    message: "internal error (request id page-1)",
  });
  const badUrl = await fetch(`${url}/%zz`);
  expect(badUrl.status).toBe(400);
  expect(await badUrl.json()).toMatchObject({ code: "invalid_argument" });
});

async function startServerWithRoutes() {
  const wire = await createWireServer(testOptions([]));
  onTestFinished(async () => void (await wire.drain(0)));
  wire.fastify.get("/hello", () => ({ hello: "world" }));
  wire.fastify.get("/broken", () => {
    throw new Error("the page is broken");
  });
  const [url = ""] = await wire.listen("127.0.0.1", [0]);
  return url;
}

test("should take over a good request id, and replace a bad one", async () => {
  const ids: string[] = [];
  const { url, callLine } = await startWire({
    say: (note, { values }) => {
      ids.push(values.get(requestIdKey));
      return note;
    },
  });

  const good = await postJson(url, "Say", {}, { "x-request-id": "from:client/1" });
  expect(good.headers.get("x-request-id")).toBe("from:client/1");
  for (const bad of ["two words", "x".repeat(129), "é"]) {
    const response = await postJson(url, "Say", {}, { "x-request-id": bad });
    expect(response.headers.get("x-request-id")).toMatch(/^[\w-]{10,24}$/);
  }
  expect(ids[0]).toBe("from:client/1");
  expect(ids[1]).toMatch(/^[\w-]{10,24}$/);
  expect(await callLine(0)).toMatchObject({ requestId: "from:client/1" });
  expect(await callLine(1)).toMatchObject({ requestId: ids[1] });
});

test("should take a target with scheme and host, as proxies send it", async () => {
  const { port } = await startWire();
  const call = request({
    port,
    host: "127.0.0.1",
    method: "POST",
    path: `http://127.0.0.1:${port}/wire.test.Notes/Say`,
    headers: { "content-type": "application/json" },
  });
  call.end("{}");
  const [response] = (await once(call, "response")) as [IncomingMessage];

  expect(response.resume().statusCode).toBe(200);
});

test("should not take another spelling of a path for a method", async () => {
  const { url } = await startWire();

  const response = await fetch(`${url}/wire.test.Notes/S%61y`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });

  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    code: "unimplemented",
    message: "there is no method /wire.test.Notes/S%61y",
  });
});
