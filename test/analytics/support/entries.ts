import * as fc from "fast-check";
import { EntryType, type FullEntry } from "../../../src/log/log.ts";
import { SOME_TIME } from "../../support/views.ts";

/** An entry of the log: a view of video 1 by nobody, unless it is told otherwise. */
export function entry(position: number, parts: Partial<FullEntry> = {}): FullEntry {
  return {
    position,
    project: 0,
    type: EntryType.VIEW,
    time: SOME_TIME,
    viewer: 0,
    video: 1,
    viewId: `view-${position}`,
    watchMs: 0,
    progress: -1,
    progressBefore: -1,
    country: "",
    device: "",
    referrer: "",
    properties: "",
    kind: 0,
    value: 0,
    ...parts,
  };
}

const progress = fc.constantFrom(-1, 0, 10, 949, 950, 1000);
const where = {
  project: fc.nat(1),
  time: fc.integer({ min: 0, max: 20 }),
  viewer: fc.nat(4),
  video: fc.integer({ min: 1, max: 4 }),
};

/** Parts of entries of every type, over few viewers, videos and times, so that they meet. */
export const anyParts: fc.Arbitrary<Partial<FullEntry>> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      ...where,
      watchMs: fc.nat(1_000_000),
      progress,
      kind: fc.constantFrom(0, 0, 0, 1),
      country: fc.constantFrom("", "NL", "😀"),
      properties: fc.constantFrom("", '{"plan":"pro"}'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        ...where,
        type: fc.constant(EntryType.EXTEND),
        watchMs: fc.nat(1_000_000),
        progress: fc.constantFrom(-1, 949, 950, 1000),
        kind: fc.constantFrom(0, 0, 0, 1),
      })
      .chain((parts) =>
        (parts.progress < 0 ? fc.constant(-1) : fc.constantFrom(-1, 0, 500, 949)).map(
          (progressBefore) => ({ ...parts, progressBefore }),
        ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ ...where, type: fc.constant(EntryType.FEEDBACK), kind: fc.nat(6) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      project: where.project,
      type: fc.constant(EntryType.ERASE),
      viewer: fc.integer({ min: 1, max: 4 }),
      video: fc.constant(0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      project: where.project,
      type: fc.constant(EntryType.TRIM),
      time: where.time,
      video: fc.constant(0),
    }),
  },
);
