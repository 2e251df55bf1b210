import type { Random } from "../random.ts";
import type { Reader } from "./audience.ts";
import { logNormal } from "./draw.ts";
import { readingTimes } from "./reading-times.ts";
import type { ShelfBook, Shelves } from "./shelves.ts";

/** A sitting with a book. */
export interface SampleView {
  readonly viewId: string;
  readonly videoName: string;
  /** Empty for nobody in particular. */
  readonly viewerId: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly watchMs: number;
  /** How far into the book it got, from 0 to 1. */
  readonly progress: number;
  readonly country: string;
  readonly device: string;
  readonly referrer: string;
}

/** What a reader says of a book. */
export interface SampleOpinion {
  readonly viewerId: string;
  readonly videoName: string;
  readonly kind: "rating" | "like" | "dislike" | "dismiss";
  /** From 1 to 5 of a rating; 0 of all others. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What a reader did. */
export interface Reading {
  readonly views: readonly SampleView[];
  readonly opinions: readonly SampleOpinion[];
}

/** From here on a book counts as read. */
const FINISHED = 0.97;
/** How often the next book is by the author of one that was read to its end. */
const SAME_AUTHOR = 0.15;

const MINUTE_MS = 60_000;

/**
 * All that a reader does in so many sittings: goes on with the book of the last
 * one until it is read or put aside, then looks for another one.
 *
 * @param viewIds what the ids of the views begin with: no other reader's do.
 * @param now the end of the sample: nothing is later.
 */
export function read(
  reader: Reader,
  shelves: Shelves,
  options: { readonly sittings: number; readonly viewIds: string; readonly now: number },
): Reading {
  const { id: viewerId, random, country } = reader;
  const { sittings, viewIds, now } = options;
  const views: SampleView[] = [];
  const opinions: SampleOpinion[] = [];
  const known = new Set<string>();
  let book: ShelfBook | undefined;
  let progress = 0;
  for (const startTime of readingTimes(reader, sittings, now)) {
    const begins = book === undefined || progress >= FINISHED;
    if (begins) {
      book = nextBook(reader, shelves, known, book);
      if (book === undefined) break;
      known.add(book.id);
      progress = 0;
    }
    const current = book as ShelfBook;
    const isToTaste = current.categories.some((category) => reader.tastes.includes(category));
    const isDropped = begins && random() < (isToTaste ? 0.08 : 0.3);
    const minutes = isDropped ? 0.1 + 1.4 * random() : sittingMinutes(random);
    const left = (1 - progress) * current.minutes;
    // Who is nearly through reads to the end.
    const watched = !isDropped && minutes > 0.8 * left ? left : minutes;
    progress = watched === left ? 1 : Math.min(1, progress + watched / current.minutes);
    const watchMs = Math.round(watched * MINUTE_MS);
    views.push({
      viewId: `${viewIds}-${views.length + 1}`,
      videoName: current.id,
      viewerId,
      startTime,
      watchMs,
      progress,
      country,
      device: reader.device(random),
      referrer: begins ? reader.referrer(random) : "",
    });
    const opinion = opinionOf(random, { isDropped, isFinished: progress >= FINISHED, isToTaste });
    if (opinion !== undefined) {
      const time = Math.min(now, startTime + watchMs);
      opinions.push({ viewerId, videoName: current.id, ...opinion, time });
    }
    if (isDropped || (progress < FINISHED && random() < reader.impatience)) book = undefined;
  }
  return { views, opinions };
}

function nextBook(
  reader: Reader,
  shelves: Shelves,
  known: ReadonlySet<string>,
  last: ShelfBook | undefined,
): ShelfBook | undefined {
  const { random, tastes, fickleness } = reader;
  if (last !== undefined && random() < SAME_AUTHOR) {
    const same = shelves.bySameAuthor(last, random, known);
    if (same !== undefined) return same;
  }
  if (random() < fickleness) return shelves.any(random, known);
  // The favourite counts for more than half.
  const place = random() < 0.6 ? 0 : 1 + Math.floor(random() * (tastes.length - 1));
  return shelves.ofCategory(tastes[place] ?? "", random, known) ?? shelves.any(random, known);
}

function sittingMinutes(random: Random): number {
  return Math.min(150, Math.max(1.5, logNormal(random, 21, 0.6)));
}

function opinionOf(
  random: Random,
  {
    isDropped,
    isFinished,
    isToTaste,
  }: Readonly<Record<"isDropped" | "isFinished" | "isToTaste", boolean>>,
): Pick<SampleOpinion, "kind" | "value"> | undefined {
  const luck = random();
  if (isDropped && !isToTaste) {
    if (luck < 0.1) return { kind: "dislike", value: 0 };
    if (luck < 0.2) return { kind: "dismiss", value: 0 };
  }
  if (!isFinished) return undefined;
  if (luck < 0.35) return { kind: "rating", value: rating(random, isToTaste) };
  if (luck < 0.55 && isToTaste) return { kind: "like", value: 0 };
  return undefined;
}

function rating(random: Random, isToTaste: boolean): number {
  const luck = random();
  if (isToTaste) return luck < 0.48 ? 5 : luck < 0.87 ? 4 : 3;
  return luck < 0.15 ? 5 : luck < 0.45 ? 4 : luck < 0.8 ? 3 : 2;
}
