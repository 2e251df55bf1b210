import { randomFrom } from "../random.ts";
import type { Reader } from "./audience.ts";
import { logNormal, normal, seedOf } from "./draw.ts";
import type { SampleView } from "./reading.ts";

/** A book that many open at once, because something was said of it somewhere. */
interface Burst {
  readonly videoName: string;
  /** How many days ago it began. */
  readonly daysAgo: number;
  /** After so many days, a third of the interest is left. */
  readonly fadingDays: number;
  readonly views: number;
  readonly referrer: string;
}

/** The book that trends when the sample is loaded. */
export const TRENDING = "the-enchanted-april";

export const bursts: readonly Burst[] = [
  {
    videoName: TRENDING,
    daysAgo: 4.2,
    fadingDays: 6,
    views: 820,
    referrer: "https://news.example/weekend/four-women-and-a-castle",
  },
  {
    videoName: "the-starry-messenger",
    daysAgo: 1.6,
    fadingDays: 1.5,
    views: 240,
    referrer: "https://social.example/",
  },
  {
    videoName: "frankenstein",
    daysAgo: 34,
    fadingDays: 0.9,
    views: 460,
    referrer: "https://reading-club.example/",
  },
];

const DAY_MS = 86_400_000;
/** How often somebody of the audience is among those who open the book; the rest are strangers. */
const AUDIENCE_SHARE = 0.35;

/**
 * The views of all bursts.
 *
 * @param categoriesOf those of a book: who reads none of them is not drawn to it.
 */
export function burstViews(
  readers: readonly Reader[],
  options: {
    readonly categoriesOf: (book: string) => readonly string[];
    readonly viewIds: string;
    readonly now: number;
    readonly seed: number;
  },
): SampleView[] {
  return bursts.flatMap((burst) => viewsOf(burst, readers, options));
}

function viewsOf(
  { videoName, daysAgo, fadingDays, views, referrer }: Burst,
  readers: readonly Reader[],
  { categoriesOf, viewIds, now, seed }: Parameters<typeof burstViews>[1],
): SampleView[] {
  const random = randomFrom(seedOf(`${seed}/burst/${videoName}`));
  const categories = categoriesOf(videoName);
  const drawn = readers.filter(
    ({ tastes, joinedDaysAgo }) =>
      joinedDaysAgo > daysAgo && tastes.some((taste) => categories.includes(taste)),
  );
  const begin = now - daysAgo * DAY_MS;
  return Array.from({ length: views }, (_, index) => {
    const anyone = readers[Math.floor(random() * readers.length)] as Reader;
    const member = drawn[Math.floor(random() * drawn.length)];
    const isMember = random() < AUDIENCE_SHARE && member !== undefined;
    const { id, country, device } = isMember ? member : anyone;
    // Most come for a look.
    const progress = Math.min(1, Math.max(0.01, 0.3 + 0.35 * normal(random)));
    return {
      viewId: `${viewIds}-${videoName}-${index + 1}`,
      videoName,
      viewerId: isMember ? id : "",
      startTime: Math.floor(momentOf(random, { begin, fadingMs: fadingDays * DAY_MS, now })),
      watchMs: Math.round(progress * 70 * 60_000 * logNormal(random, 1, 0.2)),
      progress,
      country,
      device: device(random),
      referrer,
    };
  });
}

/** Soon after the begin more often than later; more by day (of Europe and America) than by night. */
function momentOf(
  random: () => number,
  {
    begin,
    fadingMs,
    now,
  }: { readonly begin: number; readonly fadingMs: number; readonly now: number },
): number {
  for (;;) {
    const time = begin - fadingMs * Math.log(1 - random());
    const hour = (time / 3_600_000) % 24;
    if (time <= now && (hour > 7 || random() < 0.4)) return time;
  }
}
