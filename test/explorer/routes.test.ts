import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultOptions, readHeaders, type CallOptions } from "../../src/explorer/options.ts";
import { hashOf, hashOfCall, readRoute } from "../../src/explorer/routes.ts";
import { indexOf, search } from "../../src/explorer/search.ts";
import { own } from "./support/contracts.ts";

describe("The link of a call", () => {
  it("should bring back the whole call, whatever is in it", () => {
    const options: fc.Arbitrary<CallOptions> = fc.record({
      protocol: fc.constantFrom("connect", "grpc-web"),
      encoding: fc.constantFrom("json", "binary"),
      get: fc.boolean(),
      timeoutMs: fc.nat({ max: 999_999_999 }),
      headers: fc.constantFrom("", "x-a: b", "x-a: b=c&d, #%\nx-b: ?+ e"),
    });
    const request = fc.string({ unit: "binary" }).map((text) => text.toWellFormed());
    fc.assert(
      fc.property(request, options, (text, given) => {
        const { hash } = new URL(
          `http://host/docs${hashOfCall("pkg.Service/Method", text, given)}`,
        );
        expect(readRoute(hash)).toEqual({
          path: "pkg.Service/Method",
          request: text,
          options: given,
        });
      }),
    );
  });

  it("should not tell who calls", () => {
    const headers = "authorization: Bearer secret\nx-api-key: secret\nx-a: b";
    const hash = hashOfCall("pkg.Service/Method", "{}", { ...defaultOptions, headers });
    expect(hash).not.toContain("secret");
    expect(readRoute(hash)?.options?.headers).toBe("x-a: b");
  });

  it("should take nothing from a link that it cannot mean", () => {
    const { options } = readRoute("#/a/B?request=x&timeout=-5&protocol=ftp&encoding=x") ?? {};
    expect(options).toEqual(defaultOptions);
  });

  it("should lead to members, and leave other anchors alone", () => {
    expect(readRoute(hashOf("pkg.Message", "field"))).toEqual({
      path: "pkg.Message",
      member: "field",
    });
    expect(readRoute("")).toEqual({ path: "" });
    expect(readRoute("#main")).toBeUndefined();
    expect(readRoute("#/%E0%A4%A")).toEqual({ path: "%E0%A4%A" });
  });
});

describe("Headers", () => {
  it("should be read one from each line", () => {
    expect(readHeaders("X-A: b: c \n\n x-empty:\nx-a: d").headers).toEqual([
      ["x-a", "b: c"],
      ["x-empty", ""],
      ["x-a", "d"],
    ]);
  });

  it.each([
    ["x-a", 'Line 1 of the headers is not "name: value"'],
    ["x-a: b\nä: c", "Line 2"],
    ["x-a: ä", "ASCII"],
    ["Cookie: a=b", "browsers do not let a page set cookie"],
    ["content-type: text/plain", "for the protocol to set"],
  ])("should be refused with what would be right: %j", (text, words) => {
    expect(readHeaders(text).fault).toContain(words);
  });
});

describe("The search", () => {
  const index = indexOf(own);
  const names = (query: string): string[] =>
    search(index, query).map(({ within, name }) => `${within}.${name}`);

  it("should find what is called so first", () => {
    expect(names("logview")[0]).toMatch(/AnalyticsService\.LogView$/);
    expect(names("GetStorefront")[0]).toBe("marketplace.v1.MarketplaceService.GetStorefront");
    expect(names("analytics.v1.Interval")[0]).toBe("analytics.v1.Interval");
  });

  it("should find fields however their names are written", () => {
    const found = names("watchDuration");
    expect(found).toContain("analytics.v1.LogViewRequest.watch_duration");
    expect(names("watch_duration")).toEqual(found);
    expect(names("METRIC_VIEWS")[0]).toBe("analytics.v1.Metric.METRIC_VIEWS");
  });

  it("should find words of comments, all of them", () => {
    expect(names("idempotent heartbeats")).toEqual([]);
    expect(names("IANA database")).toContain("analytics.v1.QueryViewsRequest.time_zone");
    expect(names("log view request country")).toContain("analytics.v1.LogViewRequest.country");
  });

  it("should find nothing for nothing", () => {
    expect(names("  ")).toEqual([]);
    expect(names("no-such-thing")).toEqual([]);
  });

  it("should lead to what there is", () => {
    for (const { hash } of index) expect(readRoute(hash)?.path).not.toBe("");
  });
});
