import type { Ask } from "../ask.ts";
import type { QueryValue, Row } from "../columns.ts";
import { liveCounts } from "./live-snapshot.ts";
import { retention } from "./retention.ts";
import { topVideos } from "./top-videos.ts";
import { trending } from "./trending.ts";
import { viewRows } from "./view-rows.ts";
import { viewTotals } from "./view-totals.ts";

/** The questions, by their names. */
const questions = {
  viewTotals,
  topVideos,
  trending,
  retention,
  liveCounts,
  viewRows,
  query: (ask: Ask, sql: string, values: readonly QueryValue[]): Promise<Row[]> =>
    ask.rows(sql, values),
};

export type QuestionName = keyof typeof questions;

/** What a question asks. */
export type Arguments<Name extends QuestionName> = (typeof questions)[Name] extends (
  ask: Ask,
  ...args: infer Args
) => unknown
  ? Readonly<Args>
  : never;

/** What it is answered with. */
export type Value<Name extends QuestionName> = Awaited<ReturnType<(typeof questions)[Name]>>;

/** Asks one of them. */
export async function pose<Name extends QuestionName>(
  ask: Ask,
  name: Name,
  args: Arguments<Name>,
): Promise<Value<Name>> {
  // The compiler does not see that a name and its arguments belong together.
  const question: (ask: Ask, ...args: never[]) => Promise<unknown> = questions[name];
  return (await question(ask, ...(args as unknown as never[]))) as Value<Name>;
}
