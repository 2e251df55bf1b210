import { MatrixBuilder, type Interactions } from "../src/recommendations/model/matrix.ts";
import { randomFrom } from "../src/random.ts";

/** How much is to be made up. */
export interface Size {
  readonly items: number;
  readonly users: number;
  readonly pairs: number;
}

/** About so many items are of one topic. */
const TOPIC = 200;
/** A user likes items of so many topics. */
const TOPICS = 3;
/** And so many of all, whatever their topic. */
const ELSEWHERE = 0.15;
/** As many as a model learns from at most. */
const MOST = 500;

/**
 * Made-up interactions: users who like items of a few topics, popular ones more
 * often. How many somebody likes is spread as 1/n² (most have few, some have
 * hundreds); how often an item is liked falls with its place among its topic's
 * about as 1/place, as in catalogs of books and films. The same for a seed.
 */
export function makeInteractions({ items, users, pairs }: Size, seed: number): Interactions {
  const random = randomFrom(seed);
  const topics = Math.max(TOPICS, Math.round(items / TOPIC));
  const size = Math.floor(items / topics);
  const builder = new MatrixBuilder();
  // Each topic has its items all over the catalog. Some topics are liked more than others.
  const itemOf = (topic: number, place: number): number => 1 + place * topics + topic;
  const place = (count: number): number => Math.floor(count ** random()) - 1;
  // The mean of least / (1 - x), up to MOST, is what each user should have.
  const least = leastFor(pairs / users);
  for (let user = 0; user < users; user++) {
    const own = Array.from({ length: TOPICS }, () => Math.floor(topics * random() ** 2));
    const count = Math.min(MOST, items / 2, Math.floor(least / (1 - random()) + random()));
    const liked = new Set<number>();
    for (let tried = 0; liked.size < count && tried < 4 * count; tried++) {
      const isElsewhere = random() < ELSEWHERE;
      const topic = isElsewhere
        ? Math.floor(topics * random() ** 2)
        : (own[Math.floor(TOPICS * random())] as number);
      liked.add(itemOf(topic, place(size)));
    }
    for (const item of liked) builder.add(item, 1);
    builder.endUser(user);
  }
  return builder.build();
}

/** The least x such that min(MOST, x / (1 - u)) has this mean, u being anything from 0 to 1. */
function leastFor(mean: number): number {
  let [low, high] = [0.01, mean];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    // ∫ x/t dt from x/MOST to 1, and MOST below.
    const found = middle * Math.log(MOST / middle) + middle;
    if (found < mean) low = middle;
    else high = middle;
  }
  return low;
}
