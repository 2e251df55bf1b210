import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import {
  Code,
  ConnectError,
  createContextValues,
  createRouterTransport,
} from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { requestIdKey } from "../../src/caller.ts";
import {
  createMarqueeClient,
  explainError,
  services,
  type MarqueeClientOptions,
} from "../../src/client/index.ts";
import { startServer } from "../support/server.ts";

const protocols: [string, MarqueeClientOptions][] = [
  ["gRPC", {}],
  ["gRPC-Web over HTTP/2", { protocol: "grpc-web" }],
  ["gRPC-Web over HTTP/1.1", { protocol: "grpc-web", httpVersion: "1.1" }],
  ["Connect over HTTP/2", { protocol: "connect" }],
  ["Connect over HTTP/1.1", { protocol: "connect", httpVersion: "1.1" }],
];

describe.each(protocols)("a client over %s", (_, options) => {
  it("calls every service", async () => {
    const { url } = await startServer();
    using client = createMarqueeClient({ url, ...options });
    expect(await client.greeter.greet({ name: "Ann" })).toMatchObject({ greeting: "Hello Ann" });
    await client.catalog.upsertItems({ items: [{ id: "emma", title: "Emma" }] });
    const { position } = await client.analytics.logView({ videoName: "emma", viewerId: "ann" });
    const stats = await client.analytics.getViewStats({ videoName: "emma", minPosition: position });
    expect(stats).toMatchObject({ views: 1n, uniqueViewers: 1n });
    const { recommendations } = await client.recommendations.recommend({ userId: "ben" });
    expect(recommendations).toMatchObject([{ id: "emma", title: "Emma" }]);
  });

  it("reads a stream", async () => {
    const { url } = await startServer();
    using client = createMarqueeClient({ url, ...options });
    await client.analytics.logView({ videoName: "emma", viewerId: "ann" });
    let last;
    for await (const message of client.recommendations.trainModel({})) last = message;
    expect(last?.model?.users).toBe(1n);
  });

  it("explains which fields are wrong", async () => {
    const { url } = await startServer();
    using client = createMarqueeClient({ url, ...options });
    const request = { videoName: "", country: "Netherlands" };
    const failure = await client.analytics
      .logView(request)
      .catch((error: unknown) => explainError(error));
    expect(failure).toMatchObject({
      code: Code.InvalidArgument,
      reason: "INVALID_FIELD",
      connectionFailed: false,
      violations: [{ field: "video_name" }, { field: "country" }],
    });
    expect((failure as { text: string }).text).toMatch(/video_name: .+country: /);
  });

  it("passes the request id on", async () => {
    const { url } = await startServer();
    using client = createMarqueeClient({ url, requestId: "of-the-client", ...options });
    const idOf = async (call: Parameters<typeof client.greeter.greet>[1]): Promise<unknown> => {
      let id: unknown;
      await client.greeter.greet({}, { ...call, onHeader: (h) => (id = h.get("x-request-id")) });
      return id;
    };
    expect(await idOf({})).toBe("of-the-client");
    const contextValues = createContextValues().set(requestIdKey, "of-the-handled-call");
    expect(await idOf({ contextValues })).toBe("of-the-handled-call");
    const headers = { "x-request-id": "of-the-call" };
    expect(await idOf({ contextValues, headers })).toBe("of-the-call");
  });

  it("does not keep the process running", async () => {
    const { url } = await startServer();
    const script = `
      import { createMarqueeClient } from "./src/client/index.ts";
      const client = createMarqueeClient(${JSON.stringify({ url, ...options })});
      await client.greeter.greet({});
      client.close();
      process.on("exit", () => process.stdout.write("over"));
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", script],
      { cwd: new URL("../..", import.meta.url), timeout: 30_000 },
    );
    expect(stdout).toBe("over");
  });
});

describe("a client", () => {
  it("has a deadline for unary calls, by default and by option", async () => {
    const { url } = await startServer();
    using client = createMarqueeClient({ url, timeoutMs: 1, retry: false });
    await expect(
      client.recommendations.trainModel({})[Symbol.asyncIterator]().next(),
    ).resolves.toBeDefined();
    let code: unknown;
    for (let i = 0; i < 200 && code === undefined; i++) {
      code = await client.greeter.greet({}).then(
        () => undefined,
        (error: unknown) => explainError(error).code,
      );
    }
    expect(code).toBe(Code.DeadlineExceeded);
  });

  it("survives a server that speaks no HTTP/2", async () => {
    const server = createServer((_request, response) => response.end("hello")).listen(0);
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const url = `http://localhost:${(server.address() as AddressInfo).port}`;
    using client = createMarqueeClient({ url, retry: false });
    await expect(client.greeter.greet({})).rejects.toMatchObject({ code: Code.Internal });
  });

  it.each([
    [{ url: "localhost:8080" }, "begins with http:// or https://"],
    [{ url: "ftp://localhost" }, "begins with http:// or https://"],
    [{ httpVersion: "1.1" }, "gRPC needs HTTP/2"],
  ] as const)("is not made with %j", (options, message) => {
    expect(() => createMarqueeClient(options)).toThrow(message);
  });

  it("works over a transport that is there already, with its interceptors", async () => {
    let attempts = 0;
    const transport = createRouterTransport(({ service }) => {
      service(services.greeter, {
        greet({ name }, { requestHeader }) {
          attempts++;
          if (attempts === 1) throw new ConnectError("not now", Code.Unavailable);
          return { greeting: `${name} ${requestHeader.get("x-request-id")}` };
        },
      });
    });
    const seen: string[] = [];
    using client = createMarqueeClient({
      transport,
      requestId: "id",
      retry: { initialMs: 1 },
      interceptors: [
        (next) => (request) => {
          seen.push(request.method.name);
          return next(request);
        },
      ],
    });
    expect((await client.greeter.greet({ name: "b" })).greeting).toBe("b id");
    expect(attempts).toBe(2);
    expect(seen).toEqual(["Greet"]);
  });
});
