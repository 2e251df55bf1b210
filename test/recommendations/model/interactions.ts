import { MatrixBuilder, type Interactions } from "../../../src/recommendations/model/matrix.ts";
import { encodeLearned } from "../../../src/recommendations/model/encode-learned.ts";
import { BlendedModel } from "../../../src/recommendations/model/blended-model.ts";
import { learn, type Learned } from "../../../src/recommendations/model/learning/learn.ts";
import { randomFrom } from "../../../src/random.ts";

/** Users who like these videos, all with the same strength. */
export function interactionsOf(users: Iterable<Iterable<number>>): Interactions {
  const builder = new MatrixBuilder();
  for (const videos of users) {
    for (const video of new Set(videos)) builder.add(video, 1);
    builder.endUser();
  }
  return builder.build();
}

/** Users of one of five genres of 30 videos, who like 8 of theirs and now and then another. */
export function genres(users: number, seed = 1): Interactions {
  const random = randomFrom(seed);
  return interactionsOf(
    Array.from({ length: users }, (_, user) =>
      Array.from({ length: 8 }, () => {
        const genre = random() < 0.9 ? user % 5 : Math.floor(5 * random());
        return 100 * genre + Math.floor(30 * random() ** 1.5) + 1;
      }),
    ),
  );
}

/** A model of interactions, with little to be learned of it otherwise. */
export async function modelOf(interactions: Interactions, threads = 1): Promise<BlendedModel> {
  return modelFrom(interactions, await learn(interactions, { seed: 1, threads }));
}

/** The model that was learned of interactions. */
export function modelFrom(interactions: Interactions, learned: Learned): BlendedModel {
  return new BlendedModel(encodeLearned(interactions, learned));
}

/** The scores of all videos that likes speak for. */
export function scoresOf(
  model: Pick<BlendedModel, "score">,
  likes: readonly { readonly video: number; readonly weight: number }[],
): Map<number, number> {
  const scores = new Map<number, number>();
  model.score(likes, (video, score) => {
    scores.set(video, score);
    return -Infinity;
  });
  return scores;
}
