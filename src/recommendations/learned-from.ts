import type { Histories } from "./histories.ts";
import { MatrixBuilder, type Interactions } from "./model/matrix.ts";
import { HISTORY_LIMIT } from "./viewer-history.ts";

/**
 * What a model is learned from: what speaks for items, by how strong it still is.
 *
 * @param without Viewers of whom nothing is learned. Default: none.
 */
export function learnedFrom(
  histories: Histories,
  without: ReadonlySet<number> = new Set(),
): Interactions {
  const builder = new MatrixBuilder();
  for (const [viewer, history] of histories.all()) {
    if (without.has(viewer)) continue;
    for (const { video, weight } of history.interests(HISTORY_LIMIT)) {
      if (weight > 0) builder.add(video, weight);
    }
    builder.endUser(viewer);
  }
  return builder.build();
}
