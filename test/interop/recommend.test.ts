import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMarqueeClient } from "../../src/client/index.ts";
import { startServer } from "../support/server.ts";

const books = ["emma", "persuasion", "dracula", "carmilla", "walden"].map((id) => ({
  id,
  title: id.toUpperCase(),
  creators: [id === "emma" || id === "persuasion" ? "Jane Austen" : "Somebody else"],
  categories: [id === "dracula" || id === "carmilla" ? "horror" : "classics"],
}));

/** A server with five books, a hundred readers, and a model. */
async function startLibrary(): Promise<string> {
  const { url, client } = await startServer();
  await client.catalog.upsertItems({ items: books });
  const feedback = Array.from({ length: 100 }, (_, reader) =>
    (reader % 2 === 0 ? ["emma", "persuasion", "walden"] : ["dracula", "carmilla", "walden"]).map(
      (itemId) => ({ userId: `reader ${reader}`, itemId, kind: 2 }),
    ),
  );
  await client.recommendations.recordFeedback({ feedback: feedback.flat() });
  for await (const _ of client.recommendations.trainModel({}));
  return url;
}

const request = {
  boosts: [
    { target: { case: "creator", value: "Jane Austen" }, factor: 2 },
    { target: { case: "itemId", value: "walden" }, factor: 0.5 },
  ],
  diversity: 0.1,
  exploration: 0.1,
  seed: "seed",
  session: [{ itemId: "emma" }, { itemId: "unheard of" }],
  contextItemId: "dracula",
  explain: true,
} as const;

describe.each(["grpc", "grpc-web", "connect"] as const)("Recommend over %s", (protocol) => {
  it("should take all that it can be asked, and tell what was asked for", async () => {
    const url = await startLibrary();
    const client = createMarqueeClient({ url, protocol });
    onTestFinished(() => client.close());
    const asked = { ...request, boosts: [...request.boosts], session: [...request.session] };
    const answer = await client.recommendations.recommend(asked);
    const { model } = await client.recommendations.getModel({});
    expect(answer.modelVersion).toMatch(/^\d+-\d+$/);
    expect(answer.modelVersion).toBe(model?.version);
    const ids = answer.recommendations.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(["carmilla", "persuasion", "walden"]);
    const persuasion = answer.recommendations.find(({ id }) => id === "persuasion");
    expect(persuasion?.reason).toBe("Because you viewed EMMA");
    expect(persuasion?.contributions[0]).toMatchObject({ itemId: "emma", title: "EMMA" });
    expect(persuasion?.contributions[0]?.share).toBeGreaterThan(0.5);
    // The same again, but for the id of the answer.
    const { recommendationId, ...same } = answer;
    const again = await client.recommendations.recommend(asked);
    expect(again).toMatchObject(same);
    expect(again.recommendationId).not.toBe(recommendationId);
  });

  it("should name what is wrong with a request", async () => {
    const { url } = await startServer();
    const client = createMarqueeClient({ url, protocol });
    onTestFinished(() => client.close());
    const wrong = { diversity: 2, exploration: Number.NaN, boosts: [{ factor: 99 }] };
    const error = ConnectError.from(
      await client.recommendations.recommend(wrong).catch((reason: unknown) => reason),
    );
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.rawMessage).toBe(
      "boosts[0]: Required: one of category, creator and item_id.; " +
        "boosts[0].factor: From 0.1 to 10, not 99.; " +
        "diversity: From 0 to 1, not 2.; exploration: From 0 to 1, not NaN.",
    );
  });
});

it("should take it all as JSON, and as the query of a GET", async () => {
  const url = await startLibrary();
  const message = JSON.stringify({
    boosts: [{ creator: "Jane Austen", factor: 2 }],
    session: [{ itemId: "emma", kind: "FEEDBACK_KIND_LIKE" }],
    context_item_id: "dracula",
    explain: true,
  });
  const method = `${url}/recommendations.v1.Recommendations/Recommend`;
  const posted = await fetch(method, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: message,
  });
  const answer = (await posted.json()) as { recommendations: object[]; recommendationId: string };
  expect(answer.recommendations[0]).toMatchObject({
    id: "persuasion",
    contributions: [{ itemId: "emma", title: "EMMA" }],
  });
  const query = new URLSearchParams({ encoding: "json", message });
  const got = await fetch(`${method}?${query}`);
  const { recommendationId } = answer;
  expect({ ...((await got.json()) as typeof answer), recommendationId }).toEqual(answer);
  const wrong = await fetch(method, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"session": [{"itemId": "emma", "kind": "FEEDBACK_KIND_RATING"}]}',
  });
  expect(await wrong.json()).toMatchObject({
    code: "invalid_argument",
    message: "session[0].value: Of a rating: from 1 to 5, not 0.",
  });
});
