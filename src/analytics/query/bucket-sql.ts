import { joined, raw, sql, type Fragment } from "./fragment.ts";

/** Of so many buckets that are longer or shorter than most, each is corrected by itself. */
const MAX_CORRECTIONS = 8;

/** Buckets of the same length in a row: the first one's place and beginning, and their length. */
interface Run {
  readonly first: number;
  readonly start: number;
  readonly length: number;
}

/**
 * The place of the bucket that a view's time is in, from 0 on, in SQL. Of the
 * smallest type that has room for it, by which it is grouped in half the time.
 *
 * @param starts when the buckets begin, ascending; at least one, which is not
 * after any time that is asked about.
 * @param end no time that is asked about is as late as this; undefined if that
 * is not known.
 */
export function bucketSql(starts: readonly number[], end: number | undefined): Fragment {
  const type = starts.length <= 256 ? "utinyint" : "integer";
  const runs = runsOf(starts, end);
  return sql`(${corrected(runs, starts.length) ?? search(runs, 0)})::${raw(type)}`;
}

function runsOf(starts: readonly number[], end: number | undefined): Run[] {
  const runs: Run[] = [];
  for (const [first, start] of starts.entries()) {
    const last = runs.at(-1);
    const next = starts[first + 1];
    if (next !== undefined) {
      if (last?.length !== next - start) runs.push({ first, start, length: next - start });
    } else if (last === undefined || end === undefined || end - start > last.length) {
      // A last one that is cut short is as good as one of full length.
      runs.push({ first, start, length: (end ?? Number.MAX_SAFE_INTEGER) - start });
    }
  }
  return runs;
}

/**
 * A division by the length that most have, of times from which it is taken what
 * buckets before are longer, and to which it is added what they are shorter:
 * in half the time of a search. Undefined where too many would have to be
 * corrected.
 */
function corrected(runs: readonly Run[], buckets: number): Fragment | undefined {
  const lengths = new Map<number, number>();
  const counts = runs.map(({ first }, index) => (runs[index + 1]?.first ?? buckets) - first);
  for (const [index, { length }] of runs.entries()) {
    lengths.set(length, (lengths.get(length) ?? 0) + (counts[index] ?? 1));
  }
  const [usual] = [...lengths].reduce((most, one) => (one[1] > most[1] ? one : most));
  const corrections: Fragment[] = [];
  for (const [index, { start, length }] of runs.entries()) {
    if (length === usual) continue;
    for (let bucket = 0; bucket < (counts[index] ?? 1); bucket++) {
      // What goes on after its usual end counts as its last part.
      const from = start + bucket * length + Math.min(usual, length);
      corrections.push(sql` - case when time < ${from} then ${0} else ${length - usual} end`);
      if (length > 2 * usual || corrections.length > MAX_CORRECTIONS) return undefined;
    }
  }
  return sql`(time - ${runs[0]?.start ?? 0}${joined(corrections, "")}) // ${usual}`;
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
