import { sql, type Fragment } from "./fragment.ts";

/** Buckets of the same length in a row: the first one's place and beginning, and their length. */
interface Run {
  readonly first: number;
  readonly start: number;
  readonly length: number;
}

/**
 * The place of the bucket that a view's time is in, from 0 on, in SQL: integer
 * arithmetic, with a search for the run of buckets of the same length.
 *
 * @param starts when the buckets begin, ascending; at least one, which is not
 * after any time that is asked about.
 */
export function bucketSql(starts: readonly number[]): Fragment {
  return search(runsOf(starts), 0);
}

function runsOf(starts: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const [first, start] of starts.entries()) {
    const next = starts[first + 1];
    const last = runs.at(-1);
    // The last bucket has no end.
    if (next === undefined) runs.push({ first, start, length: Number.MAX_SAFE_INTEGER });
    else if (last?.length !== next - start) runs.push({ first, start, length: next - start });
  }
  return runs;
}

function search(runs: readonly Run[], from: number, to = runs.length): Fragment {
  const middle = (from + to) >> 1;
  const run = runs[middle];
  if (run === undefined) throw new Error("there are no buckets");
  if (to - from === 1) {
    return sql`(${run.first} + (time - ${run.start}) // ${run.length})`;
  }
  return sql`case when time < ${run.start} then ${search(runs, from, middle)} else ${search(runs, middle, to)} end`;
}
