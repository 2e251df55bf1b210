import { Code } from "@connectrpc/connect";
import { afterAll, describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import type { Protocol } from "./page/page.ts";
import { openPage, startBrowser } from "./support/browser.ts";
import { startSite } from "./support/site.ts";

const [site, browser] = await Promise.all([startSite(), startBrowser()]);
afterAll(async () => {
  await browser.close();
  await site.close();
});

const origin = `http://localhost:${site.port}`;
/** The same site by another name: to a browser, another origin. */
const other = `http://127.0.0.1:${site.port}`;

describe.each(["connect", "connect-json", "connect-get", "grpc-web"] satisfies Protocol[])(
  "a page of another origin, over %s",
  (protocol) => {
    it("should log a view and read it back", async () => {
      const { url } = await startServer();
      const { call } = await openPage(browser, origin);
      expect(await call("logAndRead", url, protocol, "sintel")).toEqual({
        views: 1,
        uniqueViewers: 1,
      });
    });

    it("should follow a training to its end", async () => {
      const { url, client } = await startServer();
      await client.recommendations.recordFeedback({
        feedback: ["a", "b", "c"].flatMap((userId) =>
          ["x", "y"].map((itemId) => ({ userId, itemId, kind: 2 })),
        ),
      });
      const { call } = await openPage(browser, origin);
      const { stages, users } = await call("train", url, protocol);
      expect(stages.at(-1)).toBe("DONE");
      expect(users).toBe(3);
    });

    it("should get an error with its details", async () => {
      const { url } = await startServer();
      const { call } = await openPage(browser, origin);
      expect(await call("failure", url, protocol)).toEqual({
        code: Code.InvalidArgument,
        message: expect.stringMatching(/^video_name: .*; min_position: /),
        fields: ["video_name", "min_position"],
        reasons: ["INVALID_FIELD"],
        requestId: expect.stringMatching(/./),
      });
    });

    it("should ask for leave once for two calls in a row, and never for a GET", async () => {
      const { url } = await startServer();
      const { call, preflights } = await openPage(browser, origin);
      expect(await call("greet", url, protocol, "Ann")).toBe("Hello Ann");
      expect(await call("greet", url, protocol, "Bob")).toBe("Hello Bob");
      expect(preflights.map((asked) => new URL(asked).pathname)).toEqual(
        protocol === "connect-get" ? [] : ["/Greeter/Greet"],
      );
    });
  },
);

describe("a page of another origin, without a library", () => {
  it.each([false, true])("should fetch with a body of JSON, keepalive %s", async (keepalive) => {
    const { url } = await startServer();
    const { call } = await openPage(browser, origin);
    const method = `${url}/analytics.v1.AnalyticsService/LogView`;
    expect(await call("fetchJson", method, '{"video_name":"sintel"}', keepalive)).toMatchObject({
      status: 200,
      body: { success: true, position: "1" },
    });
    expect(await call("fetchJson", method, '{"videoname":"sintel"}', keepalive)).toMatchObject({
      status: 400,
      body: { code: "invalid_argument", message: expect.stringMatching(/^videoname: /) },
    });
  });

  it.each([["logWhenLeft"], ["fetchWhenLeft"]] as const)(
    "should log a view as it is left, by %s",
    async (way) => {
      const { url, client } = await startServer();
      const { call, page } = await openPage(browser, origin);
      // It has leave since an earlier call: there is no time to ask for it at the end.
      await call("logAndRead", url, "connect-json", "before");
      await call(way, url, "sintel");
      await page.goto("about:blank");
      await expect
        .poll(async () => (await client.analytics.getViewStats({ videoName: "sintel" })).views)
        .toBe(1n);
    },
  );
});

describe("a page of an origin that is not allowed", () => {
  const allowed = { MARQUEE_CORS_ORIGINS: origin };

  it("should get no answer, where one that is allowed gets it", async () => {
    const { url } = await startServer(allowed);
    const friend = await openPage(browser, origin);
    const stranger = await openPage(browser, other);
    for (const protocol of ["connect", "connect-json", "connect-get", "grpc-web"] as const) {
      expect(await friend.call("greet", url, protocol, "Ann")).toBe("Hello Ann");
      await expect(stranger.call("greet", url, protocol, "Ann"), protocol).rejects.toThrow(
        /Failed to fetch/,
      );
    }
  });

  it("should log no view, not even by a beacon", async () => {
    const { url, client } = await startServer(allowed);
    const { call, page } = await openPage(browser, other);
    const method = `${url}/analytics.v1.AnalyticsService/LogView`;
    await expect(call("fetchJson", method, '{"video_name":"sintel"}', false)).rejects.toThrow(
      /Failed to fetch/,
    );
    const answered = page.waitForResponse(method);
    expect(await call("sendBeacon", url, "sintel")).toBe(true);
    expect((await answered).status()).toBe(403);
    const { position } = await client.analytics.logView({ videoName: "other" });
    expect(position).toBe(1n);
  });
});
