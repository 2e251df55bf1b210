import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { createClient, createRouterTransport, type Client } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import {
  Recommendations,
  TrainModelResponse_Stage as Stage,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { identityKey } from "../../src/caller.ts";
import { recommendationsService } from "../../src/recommendations/service.ts";
import { item, Room, twoGenres } from "./room.ts";
import { caller } from "../support/callers.ts";

/** A client of the handlers alone, as a caller of project 0. */
function clientOf(room: Room): Client<typeof Recommendations> {
  const transport = createRouterTransport(
    ({ service }) => service(Recommendations, recommendationsService(room.recommender, room)),
    {
      router: {
        interceptors: [
          (next) => (request) => {
            request.contextValues.set(identityKey, { project: 0, scopes: ["read", "write"] });
            return next(request);
          },
        ],
      },
    },
  );
  return createClient(Recommendations, transport);
}

test("the contract's messages say what the recommender says", async () => {
  const room = await Room.open();
  await twoGenres(room);
  const ids = Array.from({ length: 30 }, (_, k) => item(`${k < 10 ? "a" : "x"}${k}`));
  await room.catalog.upsert(caller(), ids);
  const client = clientOf(room);

  const before = Date.now();
  const steps = [];
  for await (const step of client.trainModel({})) steps.push(step);
  expect(steps.at(0)?.stage).toBe(Stage.READING);
  expect(steps.slice(0, -1).every((step) => step.model === undefined)).toBe(true);
  const last = steps.at(-1);
  expect(last).toMatchObject({ stage: Stage.DONE, progress: 1 });
  expect(last?.model).toMatchObject({
    items: 20n,
    users: 80n,
    position: BigInt(room.log.position),
  });
  expect(last?.model?.heldOut?.users).toBeGreaterThan(0n);
  const trained = last?.model?.trainedTime;
  expect(trained && timestampMs(trained)).toBeGreaterThanOrEqual(before);
  expect((await client.getModel({})).model).toEqual(last?.model);

  let cacheControl: string | null = null;
  const recommended = await client.recommend(
    { userId: "viewer 0" },
    { onHeader: (header) => (cacheControl = header.get("cache-control")) },
  );
  expect(cacheControl).toBe("private, no-store");
  expect(recommended.recommendations).toHaveLength(10);
  expect(recommended.recommendations[0]?.title).toMatch(/^Title of a/);

  const { items: similar } = await client.listSimilarItems({ id: "a0", maxResults: 2 });
  expect(similar).toHaveLength(2);
  expect(similar[0]?.similarity).toBeGreaterThan(0);
  const { items: trending } = await client.listTrendingItems({});
  expect(trending).toHaveLength(10);
  expect(trending[0]?.score).toBeGreaterThan(1);
});

test("feedback is recorded at the time it names, to the millisecond, or now", async () => {
  const room = await Room.open();
  const client = clientOf(room);
  const before = Date.now();
  const feedback = [
    {
      userId: "ann",
      itemId: "film",
      kind: FeedbackKind.RATING,
      value: 4.5,
      feedbackTime: { ...timestampFromMs(1_700_000_000_123), nanos: 123_999_999 },
    },
    { userId: "ann", itemId: "film", kind: FeedbackKind.LIKE },
  ];
  const first = await client.recordFeedback({ feedback });
  expect(first).toMatchObject({ recorded: 2, unchanged: 0, position: 2n });
  const [rating, like] = await room.log.read(0, 10);
  expect(rating).toMatchObject({ time: 1_700_000_000_123, value: 4.5, kind: 4 });
  expect(like?.time).toBeGreaterThanOrEqual(before);
  const again = await client.recordFeedback({ feedback });
  expect(again).toMatchObject({ recorded: 0, unchanged: 2, position: 2n });
});
