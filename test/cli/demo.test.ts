import { expect, it } from "vitest";
import { createMarqueeClient } from "../../src/client/client.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer, type ServerProcess } from "../support/process.ts";

/** What a server logged, but for its calls. */
function messages({ lines }: ServerProcess): unknown[] {
  return lines.filter((line) => line["rpc"] === undefined).map((line) => line["msg"]);
}

it("should fill an empty catalog with sample data, and serve one that is not as it is", async () => {
  const settings = { MARQUEE_DATA_DIR: await temporaryDirectory() };
  const server = await spawnServer(settings, [], "ready", ["--demo"]);
  await expect.poll(() => messages(server)).toContain("the sample data is loaded");
  expect(messages(server)).toEqual([
    "listening",
    "ready",
    "the sample catalog is there",
    "the sample profiles are there",
    "the sample views are logged",
    "the sample ratings and likes are recorded",
    "a training begins",
    "a model was learned",
    "a model is learned from the sample",
    "the sample data is loaded",
  ]);
  expect(await server.stop("SIGTERM")).toBe(0);

  const again = await spawnServer(settings, [], "ready", ["--demo"]);
  await expect
    .poll(() => messages(again))
    .toContain("no sample data is loaded: the sample data is there already");
  using client = createMarqueeClient({ url: again.url });
  const { recommendations } = await client.recommendations.recommend({ userId: "anybody" });
  expect(recommendations).toHaveLength(10);
});
