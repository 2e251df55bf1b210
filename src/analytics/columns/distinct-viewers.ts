import { availableParallelism } from "node:os";

/**
 * The exact number of different viewers, in SQL over the table `view`: what is
 * slow in a column store, in the forms that are fast. Each form carries a mark,
 * by which the engine knows it. All of them are valid in DuckDB as they are.
 *
 * Of 10 million views by 200,000 viewers, in milliseconds on two cores, with
 * nothing but viewers counted:
 *
 * |                                | count(distinct) | distinctViewers | viewersOf, viewersOfBuckets |
 * | ------------------------------ | --------------- | --------------- | --------------------------- |
 * | of all                         | 110             | 82              | 31                          |
 * | of one video with 11 % of them | 45              | 30              | 19                          |
 * | its 30 days                    | 89              | 53              | 41                          |
 * | 30 days of all                 | 640             | 273             | 90                          |
 * | ten videos with 32 % of them   | 164             | 91              | 44                          |
 *
 * The last two read the rows once more for themselves, the aggregate does not:
 * with other sums beside it, the 30 days of the one video take 60 with the
 * aggregate, and 72 with buckets.
 */

/** The marks of queries that group by viewer with next to nothing beside, and by video. */
export const BY_VIEWER = "/*by viewer*/";
export const BY_VIDEO = "/*by video*/";

/** How many buckets {@link viewersOfBuckets} can take: the bits of two positive bigints. */
export const MAX_VIEWER_BUCKETS = 124;

/**
 * An aggregate, for a select with any "group by"; 0 for a group without viewers.
 * For no groups at all, and for few that can be numbered, the other two are
 * faster.
 *
 * @param groups About how many groups the query has, at most; Infinity if that
 *   is not known.
 * @param filter Which rows are counted: a condition in SQL. Default: all.
 */
export function distinctViewers(groups: number, filter?: string): string {
  const count = Number.isFinite(groups) ? String(Math.ceil(groups)) : "many";
  const filtered = filter === undefined ? "" : ` filter (where ${filter})`;
  return `/*viewers:${count}*/count(distinct viewer)${filtered}/*:viewers*/`;
}

/**
 * A scalar subquery: how many different viewers the rows have that pass a
 * condition. It stands for itself, beside the aggregates of a select.
 */
export function viewersOf(where: string): string {
  return `(${BY_VIEWER} select count(viewer) from (
    select viewer from view where ${where} group by viewer
  ))`;
}

/**
 * A subquery with the columns `bucket` and `unique_viewers`: a row for each
 * bucket, also for those without viewers.
 *
 * @param bucket In which bucket a row is: an expression over the columns of the
 *   views, an integer from 0 to buckets - 1, or null for none.
 * @param buckets At most {@link MAX_VIEWER_BUCKETS}.
 * @param views Which rows: what follows "from", up to the end of the where clause.
 */
export function viewersOfBuckets(bucket: string, buckets: number, views: string): string {
  const words = Math.ceil(buckets / WORD_BITS);
  const seen = Array.from({ length: words }, (_, word) => wordSql(word, words, buckets));
  return `(${BY_VIEWER} select unnest(range(${buckets})) as bucket,
      unnest([${bitCounts(buckets)}]) as unique_viewers
    from (
      select viewer, ${seen.join(", ")}
      from (select viewer, (${bucket})::integer as place from ${views}) group by viewer
    ) where viewer is not null)`;
}

const WORD_BITS = 62;

/** The buckets of a viewer as bits, so many in each word. */
function wordSql(word: number, words: number, buckets: number): string {
  if (words === 1) {
    return `bit_or(1::${buckets < 31 ? "integer" : "bigint"} << place) as seen_0`;
  }
  const from = word * WORD_BITS;
  const within = `place >= ${from} and place < ${from + WORD_BITS}`;
  return `bit_or(case when ${within} then 1::bigint << (place - ${from}) end) as seen_${word}`;
}

function bitCounts(buckets: number): string {
  return Array.from({ length: buckets }, (_, bucket) => {
    const bit = 2n ** BigInt(bucket % WORD_BITS);
    return `count_if(seen_${Math.floor(bucket / WORD_BITS)} & ${bit} <> 0)`;
  }).join(", ");
}

/** What is known of the views before a question is asked. */
export interface Facts {
  /** No viewer has a larger number. */
  readonly largestViewer: number;
  /** Whether memory may be spent on speed. */
  readonly generous: boolean;
}

/**
 * How much memory the bitmaps of {@link distinctViewers} may take, all threads
 * together: those that do not fit into a processor's cache are slower than hashing.
 */
const BITMAP_BYTES = 8 * 1024 * 1024;

const AGGREGATE =
  /\/\*viewers:(\d+|many)\*\/count\(distinct viewer\)((?: filter \(where .*?\))?)\/\*:viewers\*\//gs;

/** Puts the fastest form for aggregates. */
export function withFastAggregates(sql: string, { largestViewer, generous }: Facts): string {
  return sql.replace(AGGREGATE, (_, groups: string, filter: string) => {
    const bytes = Number(groups) * availableParallelism() * (largestViewer / 8 + 16);
    // With "many" that is not a number.
    return generous && bytes <= BITMAP_BYTES
      ? `coalesce(bit_count(bitstring_agg(viewer, 0, ${Math.max(1, largestViewer)})${filter}), 0)`
      : `count(distinct viewer)${filter}`;
  });
}

/**
 * Up to how many bits of group keys DuckDB aggregates in a plain array, without
 * hashing: usually, by video with a sum or two, and of viewers at most.
 */
const USUAL_BITS = 12;
const VIDEO_BITS = 18;
const MOST_VIEWER_BITS = 22;

/**
 * How many bits a query may have for that. The array is as large as the keys make
 * it, whatever there is to count, so only the forms that are made for it have more
 * than usual.
 */
export function perfectHashBits(sql: string, { largestViewer, generous }: Facts): number {
  if (!generous) return USUAL_BITS;
  if (sql.includes(BY_VIEWER)) {
    // There is a place for each number, for null and for what is beyond.
    const bits = Math.ceil(Math.log2(largestViewer + 3));
    if (bits <= MOST_VIEWER_BITS) return Math.max(bits, USUAL_BITS);
  }
  return sql.includes(BY_VIDEO) ? VIDEO_BITS : USUAL_BITS;
}
