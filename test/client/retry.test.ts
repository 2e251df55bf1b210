import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createMarqueeClient,
  explainError,
  type MarqueeClient,
  type MarqueeClientOptions,
} from "../../src/client/index.ts";
import { answers, breaks, fails, refuses, startFlaky } from "./servers.ts";

const UNAVAILABLE = 14;
const quick = { initialMs: 1, maxMs: 5 };

function connect(url: string, options: MarqueeClientOptions = {}): MarqueeClient {
  const client = createMarqueeClient({ url, retry: quick, ...options });
  onTestFinished(() => client.close());
  return client;
}

const calls: [string, (client: MarqueeClient) => Promise<unknown>][] = [
  ["a read", (c) => c.analytics.getViewStats({ videoName: "a" })],
  ["an idempotent write", (c) => c.catalog.upsertItems({ items: [{ id: "1", title: "a" }] })],
  ["LogView with a view_id", (c) => c.analytics.logView({ videoName: "a", viewId: "1" })],
];

const troubles = [
  ["fails with UNAVAILABLE", fails(UNAVAILABLE)],
  ["breaks the connection", breaks],
  ["refuses the stream", refuses],
] as const;

describe("a call that may be repeated", () => {
  for (const [what, call] of calls) {
    it.each(troubles)(`is made again: ${what}, of a server that %s`, async (_, trouble) => {
      const server = await startFlaky(trouble, trouble, answers);
      await call(connect(server.url));
      expect(server.attempts).toHaveLength(3);
    });
  }

  it("is given up after so many attempts, with the last error", async () => {
    const server = await startFlaky(fails(UNAVAILABLE));
    const client = connect(server.url, { retry: { ...quick, attempts: 4 } });
    await expect(client.greeter.greet({})).rejects.toMatchObject({
      code: Code.Unavailable,
      rawMessage: "not now",
    });
    expect(server.attempts).toHaveLength(4);
  });

  it("is made once if retries are off", async () => {
    const server = await startFlaky(fails(UNAVAILABLE), answers);
    const client = connect(server.url, { retry: false });
    await expect(client.greeter.greet({})).rejects.toMatchObject({ code: Code.Unavailable });
    expect(server.attempts).toHaveLength(1);
  });

  it.each([
    ["INVALID_ARGUMENT", 3],
    ["NOT_FOUND", 5],
    ["INTERNAL", 13],
    ["RESOURCE_EXHAUSTED without a time to try again", 8],
  ])("is not made again after %s", async (_, status) => {
    const server = await startFlaky(fails(status), answers);
    await expect(connect(server.url).greeter.greet({})).rejects.toMatchObject({ code: status });
    expect(server.attempts).toHaveLength(1);
  });

  it("waits as long as the server says, also when there is too much at once", async () => {
    const server = await startFlaky(fails(8, 300), fails(UNAVAILABLE, 300), answers);
    const started = performance.now();
    await connect(server.url).greeter.greet({});
    expect(server.attempts).toHaveLength(3);
    expect(performance.now() - started).toBeGreaterThanOrEqual(590);
  });

  it("does not wait past its deadline, and fails with what the server said", async () => {
    const server = await startFlaky(fails(UNAVAILABLE, 900), answers);
    const client = connect(server.url);
    await expect(client.greeter.greet({}, { timeoutMs: 800 })).rejects.toMatchObject({
      code: Code.Unavailable,
    });
    expect(server.attempts).toHaveLength(1);
  });

  it("tells the server how much of its deadline is left", async () => {
    const server = await startFlaky(fails(UNAVAILABLE, 200), answers);
    await connect(server.url).greeter.greet({}, { timeoutMs: 20_000 });
    const [first, second] = server.attempts.map((headers) => String(headers["grpc-timeout"]));
    expect(first).toBe("20000m");
    expect(Number.parseInt(second ?? "", 10)).toBeLessThanOrEqual(19_801);
    expect(second).toMatch(/^\d{4,5}m$/);
  });

  it("ends its wait when it is canceled", async () => {
    const server = await startFlaky(fails(UNAVAILABLE, 900), answers);
    const canceling = new AbortController();
    const call = connect(server.url).greeter.greet({}, { signal: canceling.signal });
    while (server.attempts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    canceling.abort();
    await expect(call).rejects.toMatchObject({ code: Code.Canceled });
    expect(server.attempts).toHaveLength(1);
  });

  it("is a stream, as long as nothing of it was answered", async () => {
    const server = await startFlaky(fails(UNAVAILABLE), answers);
    const messages = [];
    for await (const message of connect(server.url).recommendations.trainModel({})) {
      messages.push(message);
    }
    expect(messages).toHaveLength(1);
    expect(server.attempts).toHaveLength(2);
  });
});

describe("a client that is closed", () => {
  it("fails the calls that run, makes none of them again, and connects for the next", async () => {
    const server = await startFlaky(() => {}, answers);
    const client = connect(server.url);
    const call = client.greeter.greet({});
    while (server.attempts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    client.close();
    await expect(call).rejects.toMatchObject({ code: Code.Canceled });
    expect(server.attempts).toHaveLength(1);
    await client.greeter.greet({});
    expect(server.attempts).toHaveLength(2);
  });
});

describe("a call that would count twice", () => {
  it.each(troubles)(
    "is LogView without a view_id: it is made once, of a server that %s",
    async (_, trouble) => {
      const server = await startFlaky(trouble, answers);
      await expect(
        connect(server.url).analytics.logView({ videoName: "a" }),
      ).rejects.toBeInstanceOf(ConnectError);
      expect(server.attempts).toHaveLength(1);
    },
  );
});

describe("a connection that fails", () => {
  it("is explained as such", async () => {
    const broken = await startFlaky(breaks);
    const failure = await connect(broken.url, { retry: false })
      .greeter.greet({})
      .catch((error: unknown) => explainError(error));
    expect(failure).toMatchObject({ connectionFailed: true });
    const nobody = await connect("http://127.0.0.1:1", { retry: false })
      .greeter.greet({})
      .catch((error: unknown) => explainError(error));
    expect(nobody).toMatchObject({ connectionFailed: true, code: Code.Unavailable });
  });
});
