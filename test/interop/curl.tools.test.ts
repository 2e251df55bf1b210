import { describe, expect, it } from "vitest";
import { run } from "../support/run.ts";
import { startServer } from "../support/server.ts";

/** The body, and behind it on a line of its own the HTTP version and status. */
async function curl(...args: readonly string[]): Promise<{ body: unknown; http: string }> {
  const { stdout, stderr, code } = await run(
    "curl",
    ...["--silent", "--show-error", "--max-time", "20"],
    ...["--write-out", "\n%{http_version} %{http_code}"],
    ...args,
  );
  expect(code, stderr).toBe(0);
  const end = stdout.lastIndexOf("\n");
  return { body: JSON.parse(stdout.slice(0, end)), http: stdout.slice(end + 1) };
}

const JSON_BODY = ["--header", "content-type: application/json", "--data"];

describe.each([
  ["HTTP/1.1", "1.1", ["--http1.1"]],
  ["HTTP/2 with prior knowledge", "2", ["--http2-prior-knowledge"]],
])("curl over %s", (_name, version, flags) => {
  it("should log a view and read it back, by POST and by GET", async () => {
    const { url } = await startServer();
    const logged = await curl(
      ...[...flags, ...JSON_BODY],
      '{"videoName":"sintel","viewerId":"ann","viewId":"v-1"}',
      `${url}/analytics.v1.AnalyticsService/LogView`,
    );
    expect(logged).toEqual({
      body: { success: true, viewId: "v-1", duplicate: false, position: "1" },
      http: `${version} 200`,
    });
    const stats = await curl(
      ...[...flags, "--get"],
      ...["--data-urlencode", "encoding=json"],
      ...["--data-urlencode", 'message={"videoName":"sintel","minPosition":"1"}'],
      `${url}/analytics.v1.AnalyticsService/GetViewStats`,
    );
    expect(stats).toEqual({
      body: { views: "1", uniqueViewers: "1", watchDuration: "0s", position: "1", botViews: "0" },
      http: `${version} 200`,
    });
  });

  it("should be told which field is wrong", async () => {
    const { url } = await startServer();
    const refused = await curl(
      ...[...flags, ...JSON_BODY],
      '{"videoName":"sintel","viewerid":"ann"}',
      `${url}/analytics.v1.AnalyticsService/LogView`,
    );
    expect(refused).toMatchObject({
      body: { code: "invalid_argument", message: expect.stringMatching(/^viewerid: /) },
      http: `${version} 400`,
    });
  });

  it("should be told that the server lives, and is ready", async () => {
    const { url } = await startServer();
    for (const path of ["healthz", "readyz"]) {
      expect((await curl(...flags, `${url}/${path}`)).http).toBe(`${version} 200`);
    }
  });
});
