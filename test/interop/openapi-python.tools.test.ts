import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../support/directory.ts";
import { startServer } from "../support/server.ts";
import { install, outputOf } from "./support/foreign.ts";

const python = await install("install-python-tools");
const calls = new URL("python/openapi_calls.py", import.meta.url).pathname;

it("should be called by a client that openapi-python-client generated from /openapi.json", async () => {
  const directory = await temporaryDirectory();
  const { url } = await startServer();
  const config = join(directory, "config.json");
  // Its hooks would make the code look good.
  await writeFile(config, JSON.stringify({ post_hooks: [] }));
  const generated = await outputOf(python, [
    ...["-m", "openapi_python_client", "generate", "--url", `${url}/openapi.json`],
    ...["--config", config, "--meta", "none", "--output-path", join(directory, "marquee_api")],
    "--fail-on-warning",
  ]);
  expect(generated).not.toMatch(/warning|error/i);

  const printed = await outputOf(python, [calls, url], { env: { PYTHONPATH: directory } });

  const stats = { views: "1", uniqueViewers: "1", watchDuration: "90s", averageProgress: 0.5 };
  expect(
    printed
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { viewId: "a-view", duplicate: false },
    stats,
    stats,
    { isInvalid: true, reason: "INVALID_FIELD", fields: ["progress"] },
    { status: 404, code: "not_found" },
  ]);
});
