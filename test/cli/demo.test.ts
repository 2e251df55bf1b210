import { expect, it } from "vitest";
import { createMarqueeClient } from "../../src/client/client.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";

it("should fill an empty catalog with sample data, go on where it was stopped, and do it once", async () => {
  const settings = { MARQUEE_DATA_DIR: await temporaryDirectory() };
  const spawn = () => spawnServer(settings, [], "ready", ["--demo"]);
  const messages = (server: Awaited<ReturnType<typeof spawn>>) =>
    server.lines.filter((line) => line["rpc"] === undefined).map((line) => line["msg"]);

  const stopped = await spawn();
  await expect.poll(() => messages(stopped)).toContain("the sample profiles are there");
  expect(await stopped.stop("SIGTERM")).toBe(0);
  expect(messages(stopped)).not.toContain("the sample data is loaded");

  const server = await spawn();
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
  using client = createMarqueeClient({ url: server.url });
  const { recommendations } = await client.recommendations.recommend({ userId: "anybody" });
  expect(recommendations).toHaveLength(10);
  await server.stop("SIGTERM");

  const again = await spawn();
  await expect
    .poll(() => messages(again))
    .toContain("no sample data is loaded: the sample data is there already");
});
