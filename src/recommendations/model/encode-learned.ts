import type { SharedMemory } from "./kernels/webassembly.ts";
import type { Learned } from "./learning/learn.ts";
import { columnCounts, userCount, type Interactions } from "./matrix.ts";
import { encodeModel } from "./model-file.ts";

/** The bytes of a model that was learned from interactions of no log, and is in no place. */
export function encodeLearned({ matrix, videos }: Interactions, learned: Learned): SharedMemory {
  return encodeModel({
    ...learned,
    counts: columnCounts(matrix),
    info: {
      trainedTime: 0,
      items: videos.length,
      users: userCount(matrix),
      interactions: matrix.columns.length,
      logId: "",
      position: 0,
      judgesTo: -1,
      heldOut: undefined,
    },
  });
}
