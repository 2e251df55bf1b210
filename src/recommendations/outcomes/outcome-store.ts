import { sql, type Kysely, type Transaction } from "kysely";
import type { StateDatabase } from "../../storage/state.ts";
import type { StateTables } from "../../storage/tables.ts";

/**
 * What became of recommendations, in the state database: a row for each item
 * that came into view, as long as its id is good, so that it counts once; and
 * counts by the hour, which stay. Not in the log: it is not what viewers did with
 * videos, nothing is made from it, and there is ten times as much of it.
 */

/** What is said of one item of one recommendation. */
export interface Mark {
  /** The hour in which the recommendation was made, from 1970. */
  readonly hour: number;
  /** What tells the recommendation from others of that hour. */
  readonly recommendation: string;
  /** A digest of the item's id; not "". */
  readonly item: string;
  readonly variant: string;
  /** The trainedTime of the model; 0 for none. */
  readonly trainedTime: number;
  /** Whether it is said to have come into view. */
  readonly isSeen: boolean;
  readonly isClicked: boolean;
}

/** The counts of a variant and a model. */
export interface Counts {
  readonly recommendations: number;
  readonly clickedRecommendations: number;
  readonly impressions: number;
  readonly clicks: number;
}

export interface VariantCounts extends Counts {
  readonly variant: string;
  readonly trainedTime: number;
}

/** Stands for a recommendation itself among its items. */
const ITSELF = "";

/** A row of the table, as JSON: hour, recommendation, item, whether clicked. */
type Row = [hour: number, recommendation: string, item: string, clicked: 0 | 1];

/** A row of counts, as JSON: hour, variant, trained time, and the four counts. */
type CountRow = [number, string, number, number, number, number, number];

/**
 * Records marks, those of the same item once, and tells how many outcomes were
 * new. To be run in a transaction.
 */
export async function recordMarks(
  tx: Transaction<StateTables>,
  project: number,
  marks: readonly Mark[],
): Promise<number> {
  if (marks.length === 0) return 0;
  const before = await standing(tx, project, marks);
  const rows = new Map<string, Row>();
  const counts = new Map<string, CountRow>();
  let recorded = 0;
  /** Notes a row, and tells whether it, and its click, are new. */
  const note = ({ hour, recommendation }: Mark, item: string, clicked: boolean): boolean[] => {
    const key = keyOf(hour, recommendation, item);
    const wasClicked = before.get(key);
    const isNew = wasClicked === undefined;
    const isNewClick = clicked && wasClicked !== 1;
    if (isNew || isNewClick) {
      before.set(key, clicked || wasClicked === 1 ? 1 : 0);
      rows.set(key, [hour, recommendation, item, clicked || wasClicked === 1 ? 1 : 0]);
    }
    return [isNew, isNewClick];
  };
  for (const mark of marks) {
    const [isNew = false, isNewClick = false] = note(mark, mark.item, mark.isClicked);
    if (!isNew && !isNewClick) continue;
    const [isFirst = false, isFirstClick = false] = note(mark, ITSELF, mark.isClicked);
    const key = `${mark.hour} ${mark.trainedTime} ${mark.variant}`;
    const count = counts.get(key) ?? [mark.hour, mark.variant, mark.trainedTime, 0, 0, 0, 0];
    count[3] += Number(isFirst);
    count[4] += Number(isFirstClick);
    count[5] += Number(isNew);
    count[6] += Number(isNewClick);
    counts.set(key, count);
    recorded += Number(isNew && mark.isSeen) + Number(isNewClick);
  }
  if (rows.size === 0) return 0;
  await sql`
    insert into outcome (project, hour, recommendation, item, clicked)
    select ${project}, value ->> 0, value ->> 1, value ->> 2, value ->> 3
    from json_each(${JSON.stringify([...rows.values()])}) where true
    on conflict do update set clicked = excluded.clicked
  `.execute(tx);
  await sql`
    insert into outcome_count (
      project, hour, variant, trained_time,
      recommendations, clicked_recommendations, impressions, clicks
    )
    select ${project}, value ->> 0, value ->> 1, value ->> 2,
           value ->> 3, value ->> 4, value ->> 5, value ->> 6
    from json_each(${JSON.stringify([...counts.values()])}) where true
    on conflict do update set
      recommendations = recommendations + excluded.recommendations,
      clicked_recommendations = clicked_recommendations + excluded.clicked_recommendations,
      impressions = impressions + excluded.impressions,
      clicks = clicks + excluded.clicks
  `.execute(tx);
  return recorded;
}

/** What is there already of marks and their recommendations: by key, whether clicked. */
async function standing(
  tx: Transaction<StateTables>,
  project: number,
  marks: readonly Mark[],
): Promise<Map<string, number>> {
  const wanted = new Map<string, [number, string, string]>();
  for (const { hour, recommendation, item } of marks) {
    for (const one of [item, ITSELF]) {
      wanted.set(keyOf(hour, recommendation, one), [hour, recommendation, one]);
    }
  }
  // A cross join, so that SQLite looks each of them up, in this order.
  const { rows } = await sql<{
    hour: number;
    recommendation: string;
    item: string;
    clicked: number;
  }>`
    select hour, recommendation, item, clicked
    from json_each(${JSON.stringify([...wanted.values()])}) as wanted cross join outcome
    where project = ${project} and hour = wanted.value ->> 0
      and recommendation = wanted.value ->> 1 and item = wanted.value ->> 2
  `.execute(tx);
  return new Map(
    rows.map(({ hour, recommendation, item, clicked }) => [
      keyOf(hour, recommendation, item),
      clicked,
    ]),
  );
}

function keyOf(hour: number, recommendation: string, item: string): string {
  return `${hour} ${recommendation} ${item}`;
}

/** The counts of the hours from `from` to before `to`, by variant and model. */
export async function countsOf(
  db: StateDatabase,
  project: number,
  from: number,
  to: number,
): Promise<VariantCounts[]> {
  const { rows } = await sql<VariantCounts>`
    select variant, trained_time as "trainedTime", sum(recommendations) as recommendations,
           sum(clicked_recommendations) as "clickedRecommendations",
           sum(impressions) as impressions, sum(clicks) as clicks
    from outcome_count
    where project = ${project} and hour >= ${from} and hour < ${to}
    group by variant, trained_time
  `.execute(db);
  return rows;
}

/** How many rows each hour from `from` on has, latest first. */
export async function rowsByHour(
  db: StateDatabase,
  project: number,
  from: number,
): Promise<{ hour: number; rows: number }[]> {
  const { rows } = await sql<{ hour: number; rows: number }>`
    select hour, sum(recommendations + impressions) as rows
    from outcome_count where project = ${project} and hour >= ${from}
    group by hour order by hour desc
  `.execute(db);
  return rows;
}

/** So many rows go at once: others have their turn between. */
const SLICE = 5_000;

/** Removes rows of hours before one, and counts of hours before another. */
export async function removeBefore(
  db: Kysely<StateTables>,
  project: number,
  hours: { readonly rows: number; readonly counts: number },
): Promise<void> {
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      delete from outcome
      where project = ${project} and (project, hour, recommendation, item) in (
        select project, hour, recommendation, item from outcome
        where project = ${project} and hour < ${hours.rows} limit ${SLICE}
      )
    `.execute(db);
    if (numAffectedRows < BigInt(SLICE)) break;
  }
  await db
    .deleteFrom("outcome_count")
    .where("project", "=", project)
    .where("hour", "<", hours.counts)
    .execute();
}
