import { ownTurn } from "../wire/turn.ts";
import { audienceOf } from "./audience.ts";
import type { Book } from "./books.ts";
import { burstViews } from "./bursts.ts";
import { read, type SampleOpinion, type SampleView } from "./reading.ts";
import { Shelves } from "./shelves.ts";

/** About so many sittings there are; views of bursts come on top. */
const SITTINGS = 28_500;
/** Nobody has more. */
const MAX_SITTINGS = 260;
/** So many readers are simulated in one turn of the event loop. */
const READERS_AT_ONCE = 5;

export interface SimulationOptions {
  readonly books: readonly Book[];
  /** Who reads. */
  readonly viewerIds: readonly string[];
  /** When it ends, in milliseconds since 1970. */
  readonly now: number;
  readonly seed: number;
}

/** What an audience did, in the order of time. */
export interface Simulation {
  readonly views: readonly SampleView[];
  readonly opinions: readonly SampleOpinion[];
}

/** Makes up what an audience did. The same options give the same, ids of views included. */
export async function simulate({
  books,
  viewerIds,
  now,
  seed,
}: SimulationOptions): Promise<Simulation> {
  const shelves = new Shelves(books, seed);
  const readers = audienceOf(viewerIds, seed);
  const shares = readers.map(({ activity, joinedDaysAgo }) => activity * (1 + joinedDaysAgo));
  const sum = shares.reduce((total, share) => total + share, 0);
  // Another sample, of another time, is another audience's: its views have other ids.
  const prefix = `sample-${now.toString(36)}`;
  const views: SampleView[] = [];
  const opinions: SampleOpinion[] = [];
  for (const [index, reader] of readers.entries()) {
    if (index % READERS_AT_ONCE === 0) await ownTurn();
    const share = (shares[index] ?? 0) / sum;
    const sittings = Math.min(MAX_SITTINGS, Math.ceil(SITTINGS * share));
    const reading = read(reader, shelves, { sittings, viewIds: `${prefix}-${index + 1}`, now });
    views.push(...reading.views);
    opinions.push(...reading.opinions);
  }
  const categories = new Map(books.map((book) => [book.id, book.categories]));
  const categoriesOf = (book: string): readonly string[] => categories.get(book) ?? [];
  views.push(...burstViews(readers, { categoriesOf, viewIds: prefix, now, seed }));
  await ownTurn();
  return {
    views: views.toSorted((a, b) => a.startTime - b.startTime),
    opinions: opinions.toSorted((a, b) => a.time - b.time),
  };
}
