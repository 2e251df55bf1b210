import { randomFrom } from "../../../src/random.ts";
import { Kind } from "../../../src/recommendations/signals.ts";
import { Histories } from "../../../src/recommendations/histories.ts";

/** What somebody did, names as numbers. */
export interface Did {
  readonly viewer: number;
  readonly video: number;
  readonly kind: number;
  readonly time: number;
}

/** Viewers of one of five genres of 30 videos, who view ten of theirs and now and then another, a day apart. */
export function genreViews(viewers: number, seed = 1): Did[] {
  const random = randomFrom(seed);
  return Array.from({ length: viewers }, (_, index) =>
    Array.from({ length: 10 }, (_unused, day): Did => {
      const genre = random() < 0.9 ? index % 5 : Math.floor(5 * random());
      const video = 100 * genre + Math.floor(30 * random() ** 1.5) + 1;
      return { viewer: index + 1, video, kind: Kind.VIEW, time: 86_400_000 * (20_000 + day) };
    }),
  ).flat();
}

export function historiesOf(all: Iterable<Did>): Histories {
  const histories = new Histories();
  for (const { viewer, video, kind, time } of all) {
    histories.record(viewer, { video, kind, value: 0, time });
  }
  return histories;
}
