import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { startServer } from "../support/server.ts";

test("should erase a viewer from all counts, and tell how much there was", async () => {
  const { client } = await startServer();
  const { analytics, recommendations } = client;
  await analytics.logView({ videoName: "film", viewerId: "ann" });
  await analytics.logView({ videoName: "clip", viewerId: "ann" });
  await analytics.logView({ videoName: "film", viewerId: "ben" });
  await recommendations.recordFeedback({
    feedback: [{ userId: "ann", itemId: "film", kind: FeedbackKind.LIKE }],
  });
  const erased = await analytics.eraseViewer({ viewerId: "ann" });
  expect(erased).toMatchObject({ viewsErased: 2n, feedbackErased: 1n });
  expect(await analytics.getViewStats({ videoName: "film" })).toMatchObject({
    views: 1n,
    uniqueViewers: 1n,
  });
  expect(await analytics.getViewStats({ videoName: "clip" })).toMatchObject({ views: 0n });
  const again = await analytics.eraseViewer({ viewerId: "ann" });
  expect(again).toMatchObject({ viewsErased: 0n, feedbackErased: 0n });
  expect(again.position).toBeGreaterThanOrEqual(erased.position);
});

test("should take views of an erased id for those of somebody new", async () => {
  const { client } = await startServer();
  const { analytics, recommendations } = client;
  await analytics.logView({ videoName: "film", viewerId: "ann", viewId: "v1" });
  await analytics.logView({ videoName: "clip", viewerId: "ben" });
  await analytics.eraseViewer({ viewerId: "ann" });
  const idsFor = async (userId: string): Promise<string[]> =>
    (await recommendations.recommend({ userId })).recommendations.map(({ id }) => id);
  expect(await idsFor("ann")).toEqual(await idsFor("a stranger"));
  const logged = await analytics.logView({ videoName: "clip", viewerId: "ann", viewId: "v1" });
  expect(logged.duplicate).toBe(false);
  expect(await idsFor("ann")).not.toContain("clip");
  const { position: minPosition } = logged;
  expect(await analytics.getViewStats({ videoName: "clip", minPosition })).toMatchObject({
    views: 2n,
    uniqueViewers: 2n,
  });
});

test("should find nothing to erase of somebody who is not known, and refuse nobody", async () => {
  const { client } = await startServer();
  expect(await client.analytics.eraseViewer({ viewerId: "nobody knows" })).toMatchObject({
    viewsErased: 0n,
    feedbackErased: 0n,
  });
  for (const viewerId of ["", "x".repeat(257)]) {
    await expect(client.analytics.eraseViewer({ viewerId })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  }
});
