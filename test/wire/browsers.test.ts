import { describe, expect, it } from "vitest";
import { originMatcher } from "../../src/wire/origins.ts";
import { Notes } from "./support/contract.ts";
import { startWire } from "./support/server.ts";

const preflight = {
  "access-control-request-method": "POST",
  "access-control-request-headers": "content-type,connect-protocol-version,x-request-id",
};

function beacon(url: string, headers: Record<string, string>, body = '{"text":"hi"}') {
  return fetch(`${url}/wire.test.Notes/Say`, {
    method: "POST",
    headers: { "content-type": "text/plain;charset=UTF-8", ...headers },
    body,
  });
}

describe("pages of other origins", () => {
  it("should be told for two hours what they may send", async () => {
    const { url } = await startWire({}, { origins: ["https://example.org"] });
    const answer = await fetch(`${url}/wire.test.Notes/Say`, {
      method: "OPTIONS",
      headers: { origin: "https://example.org", ...preflight },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://example.org");
    expect(answer.headers.get("access-control-max-age")).toBe("7200");
    expect(answer.headers.get("vary")?.toLowerCase()).toContain("origin");
    const allowed = answer.headers.get("access-control-allow-headers")?.toLowerCase().split(", ");
    for (const header of [
      "content-type",
      "connect-protocol-version",
      "connect-timeout-ms",
      "x-grpc-web",
      "x-user-agent",
      "grpc-timeout",
      "x-request-id",
    ]) {
      expect(allowed).toContain(header);
    }
  });

  it("should be able to read answers and errors of every protocol", async () => {
    const { url } = await startWire({}, { origins: ["https://example.org"] });
    const answer = await fetch(`${url}/wire.test.Notes/Say`, {
      method: "POST",
      headers: { origin: "https://example.org", "content-type": "application/json" },
      body: "{}",
    });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://example.org");
    const exposed = answer.headers.get("access-control-expose-headers")?.toLowerCase();
    for (const header of [
      "grpc-status",
      "grpc-message",
      "grpc-status-details-bin",
      "x-request-id",
    ]) {
      expect(exposed).toContain(header);
    }
  });

  it("should get no leave where they are not allowed", async () => {
    const { url } = await startWire({}, { origins: ["https://example.org"] });
    for (const [method, headers] of [
      ["OPTIONS", preflight],
      ["POST", { "content-type": "application/json" }],
    ] as const) {
      const answer = await fetch(`${url}/wire.test.Notes/Say`, {
        method,
        headers: { origin: "https://example.com", ...headers },
        body: method === "POST" ? "{}" : null,
      });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("should be told by OPTIONS which methods there are", async () => {
    const { url } = await startWire();
    const answer = await fetch(`${url}/wire.test.Notes/Say`, { method: "OPTIONS" });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("allow")).toBe("POST");
  });
});

describe("a beacon", () => {
  const options = { beacons: [Notes.method.say], origins: ["https://example.org"] };

  it("should be taken for JSON, from an origin that is allowed or from none", async () => {
    const { url } = await startWire({}, options);
    for (const headers of [{ origin: "https://example.org" }, {}]) {
      const answer = await beacon(url, headers as Record<string, string>);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ text: "hi" });
    }
  });

  it("should be refused from an origin that is not allowed", async () => {
    const { url, callLine } = await startWire({}, options);
    const answer = await beacon(url, { origin: "https://example.com" });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual({
      code: "permission_denied",
      message: "pages of https://example.com may not send this",
    });
    expect(await callLine()).toMatchObject({ code: "permission_denied" });
  });

  it("should be told what is wrong with it, as JSON is", async () => {
    const { url } = await startWire({}, options);
    const answer = await beacon(url, {}, '{"txt":"hi"}');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      message: "txt: wire.test.Note has no such field.",
    });
  });

  it("should not be taken by a method that is not for beacons", async () => {
    const { url } = await startWire({}, { origins: ["*"] });
    expect((await beacon(url, {})).status).toBe(415);
  });
});

describe("originMatcher", () => {
  it.each([
    [["localhost"], "http://localhost", true],
    [["localhost"], "http://localhost:5173", true],
    [["localhost"], "https://127.0.0.1:8443", true],
    [["localhost"], "http://[::1]:3000", true],
    [["localhost"], "http://localhost.example.org", false],
    [["localhost"], "http://notlocalhost", false],
    [["localhost"], "http://example.org/localhost", false],
    [["localhost"], "null", false],
    [["https://example.org"], "https://example.org", true],
    [["https://example.org"], "http://example.org", false],
    [["https://example.org"], "https://example.org:444", false],
    [["*"], "https://anything.example", true],
    [[], "http://localhost", false],
  ])("should, of %j, for %s be %s", (allowed, origin, expected) => {
    expect(originMatcher(allowed)(origin)).toBe(expected);
  });
});
