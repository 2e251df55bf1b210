import { connect } from "node:http2";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildPages } from "../../src/pages/build.ts";
import { openServer, type LaunchedServer } from "../support/server.ts";

let server: LaunchedServer;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "marquee-pages-"));
  await buildPages();
  server = await openServer({ MARQUEE_DATA_DIR: directory });
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

describe("The pages", () => {
  it.each([
    ["/", "Marquee"],
    ["/?from=a-mail", "Marquee"],
    ["/items/a%2Fb%20c", "Marquee"],
    ["/categories/romance", "Marquee"],
    ["/search?q=emma", "Marquee"],
    ["/sign-up", "Marquee"],
    ["/dashboard", "Dashboard · Marquee"],
    ["/docs", "API · Marquee"],
  ])("should be served at %s, and let nothing in from elsewhere", async (path, title) => {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await response.text()).toContain(`<title>${title}</title>`);
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    // What they are made of changes with the next version.
    expect(response.headers.get("cache-control")).toBe("public, max-age=0");
    expect(response.headers.get("etag")).not.toBeNull();
  });

  it("should be made of files that stay as they are, and travel compressed", async () => {
    const page = await (await fetch(server.url)).text();
    const [, script = ""] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    const response = await fetch(server.url + script, { headers: { "accept-encoding": "br" } });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-encoding")).toBe("br");
    expect(response.headers.get("content-type")).toMatch(/javascript/);
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect((await fetch(`${server.url}/assets/none.js`)).status).toBe(404);
  });

  it("should not be in the way of what is no page", async () => {
    const response = await fetch(`${server.url}/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ message: "there is nothing at /nothing" });
    const asked = await fetch(`${server.url}/nothing`, { headers: { accept: "text/html,*/*" } });
    expect(asked.status).toBe(404);
    expect(await asked.text()).toContain("<title>Marquee</title>");
    const moved = await fetch(`${server.url}/dashboard/?range=7d`, { redirect: "manual" });
    expect([moved.status, moved.headers.get("location")]).toEqual([308, "/dashboard?range=7d"]);
    const outside = await fetch(`${server.url}/assets/..%2f..%2f..%2fpackage.json`);
    expect(outside.status).toBe(404);
    expect(await outside.text()).not.toContain("dependencies");
  });

  it("should be served over HTTP/2, too", async () => {
    const session = connect(server.url);
    const stream = session.request({ ":path": "/dashboard" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    expect(headers[":status"]).toBe(200);
    let text = "";
    for await (const chunk of stream.setEncoding("utf8")) text += chunk;
    expect(text).toContain("Dashboard");
    session.close();
  });
});
