import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { caller } from "../support/callers.ts";
import { SOME_TIME, view } from "../support/views.ts";
import { clientOf } from "./client.ts";
import { item, Room } from "./room.ts";

const { VIEW, LIKE, RATING } = FeedbackKind;

/** Ann viewed a, then b; rated a with 4, likes b, and viewed c at last. */
async function annOf(room: Room): Promise<void> {
  await room.catalog.upsert(caller(), [item("a"), item("b")]);
  const views = ["a", "b", "c"].map((video, index) =>
    view({ viewer: "ann", video, time: SOME_TIME + index * 10_000 }),
  );
  await room.log.appendViews(caller(), views);
  const feedback = [
    { itemId: "a", kind: RATING, value: 4, after: 5_000 },
    { itemId: "b", kind: LIKE, value: 0, after: 15_000 },
  ];
  await clientOf(room).recordFeedback({
    feedback: feedback.map(({ after, ...one }) => ({
      ...one,
      userId: "ann",
      feedbackTime: timestampFromMs(SOME_TIME + after),
    })),
  });
}

describe("ListInteractions", () => {
  it("should list what a user did, latest first", async () => {
    const room = await Room.open();
    await annOf(room);
    const { interactions } = await clientOf(room).listInteractions({ userId: "ann" });
    expect(interactions.map(({ itemId, kind, value }) => [itemId, kind, value])).toEqual([
      ["c", VIEW, 0],
      ["b", LIKE, 0],
      ["b", VIEW, 0],
      ["a", RATING, 4],
      ["a", VIEW, 0],
    ]);
    expect(interactions.map(({ title }) => title)).toEqual([
      "",
      ...["b", "b", "a", "a"].map((id) => `Title of ${id}`),
    ]);
    expect(interactions[3]?.interactionTime).toEqual(timestampFromMs(SOME_TIME + 5_000));
  });

  it("should keep to an item, to kinds, and to a number", async () => {
    const room = await Room.open();
    await annOf(room);
    const client = clientOf(room);
    const list = async (request: Parameters<typeof client.listInteractions>[0]) =>
      (await client.listInteractions({ userId: "ann", ...request })).interactions.map(
        ({ itemId, kind }) => `${itemId} ${FeedbackKind[kind]}`,
      );
    expect(await list({ itemId: "a" })).toEqual(["a RATING", "a VIEW"]);
    expect(await list({ kinds: [LIKE, RATING] })).toEqual(["b LIKE", "a RATING"]);
    expect(await list({ maxResults: 2 })).toEqual(["c VIEW", "b LIKE"]);
    expect(await list({ itemId: "lost" })).toEqual([]);
    expect(await list({ userId: "bob" })).toEqual([]);
  });

  it("should forget whom the log forgets", async () => {
    const room = await Room.open();
    await annOf(room);
    await room.log.eraseViewer(caller(), "ann");
    const { interactions } = await clientOf(room).listInteractions({ userId: "ann" });
    expect(interactions).toEqual([]);
  });
});
