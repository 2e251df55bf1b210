import { randomFrom, type Random } from "../random.ts";
import { drawFrom, drawWeighted, logNormal, normal, seedOf, type Draw } from "./draw.ts";

/** For how many days the audience has been there. */
export const DAYS = 60;

/** Somebody who is made up. */
export interface Reader {
  /** The viewer_id. */
  readonly id: string;
  /** What is drawn for this reader, and for no other. */
  readonly random: Random;
  /** Two or three categories, the favourite first. */
  readonly tastes: readonly string[];
  /** How often the next book is one of any taste: from 0 to 1. */
  readonly fickleness: number;
  /** How likely a book is put aside after each sitting: from 0 to 1. */
  readonly impatience: number;
  /** How many days ago this reader came. */
  readonly joinedDaysAgo: number;
  /** How often this reader reads: the number of sittings each day, up to a factor. */
  readonly activity: number;
  /** An ISO 3166-1 alpha-2 code. */
  readonly country: string;
  /** What has to be added to UTC for the local time, in hours. */
  readonly utcOffset: number;
  /** The hour of the evening at which this reader likes to read. */
  readonly eveningHour: number;
  readonly device: Draw<string>;
  /** Where this reader comes from to a new book: a URL, or "" for nowhere. */
  readonly referrer: Draw<string>;
}

/** Countries, the share of the readers in them, and roughly what their local time is. */
const country = drawWeighted(
  [{ country: "US", utcOffset: -6 }, 26],
  [{ country: "GB", utcOffset: 0 }, 13],
  [{ country: "DE", utcOffset: 1 }, 11],
  [{ country: "IN", utcOffset: 5.5 }, 9],
  [{ country: "FR", utcOffset: 1 }, 8],
  [{ country: "NL", utcOffset: 1 }, 6],
  [{ country: "CA", utcOffset: -5 }, 6],
  [{ country: "BR", utcOffset: -3 }, 6],
  [{ country: "ES", utcOffset: 1 }, 5],
  [{ country: "JP", utcOffset: 9 }, 4],
  [{ country: "AU", utcOffset: 10 }, 3],
  [{ country: "SE", utcOffset: 1 }, 3],
);

/** Tastes that go together, the favourite first, and the share of the readers who have them. */
const tasteSets = drawWeighted(
  [["romance", "historical-fiction", "fiction"], 14],
  [["fiction", "romance", "short-stories"], 10],
  [["mystery", "horror", "adventure"], 13],
  [["science-fiction", "horror", "fantasy"], 12],
  [["fantasy", "children", "humor"], 9],
  [["adventure", "travel", "historical-fiction"], 8],
  [["children", "fantasy", "humor"], 8],
  [["humor", "fiction", "drama"], 6],
  [["drama", "poetry", "fiction"], 6],
  [["poetry", "drama", "romance"], 5],
  [["philosophy", "essays", "politics"], 7],
  [["science", "philosophy", "travel"], 6],
  [["history", "biography", "politics"], 7],
  [["short-stories", "horror", "mystery"], 4],
);

const SEARCH = "https://search.example/";
const NEWSLETTER = "https://letters.example/weekly";
const CLUB = "https://reading-club.example/";
const SOCIAL = "https://social.example/";
const BLOG = "https://books-and-tea.example/blog";

const referrers = [
  drawWeighted([SEARCH, 6], ["", 4], [BLOG, 1]),
  drawWeighted(["", 6], [NEWSLETTER, 5], [SEARCH, 2]),
  drawWeighted([SOCIAL, 6], ["", 3], [SEARCH, 2]),
  drawWeighted([CLUB, 5], ["", 4], [SEARCH, 2]),
  drawWeighted(["", 8], [SEARCH, 2]),
];

const devices = ["phone", "desktop", "tablet", "e-reader"];
const mainDevice = drawWeighted(["phone", 45], ["desktop", 28], ["tablet", 15], ["e-reader", 12]);

/** The readers with these viewer ids; for a seed always the same, however many others there are. */
export function audienceOf(viewerIds: readonly string[], seed: number): Reader[] {
  return viewerIds.map((id, index) => readerOf(id, randomFrom(seedOf(`${seed}/reader/${index}`))));
}

function readerOf(id: string, random: Random): Reader {
  const device = mainDevice(random);
  const tastes = tasteSets(random).slice(0, random() < 0.6 ? 3 : 2);
  return {
    id,
    random,
    tastes,
    fickleness: 0.03 + 0.15 * random() ** 2,
    impatience: 0.04 + 0.14 * random(),
    // Three in ten were there before; of the others, more come every day.
    joinedDaysAgo: random() < 0.3 ? DAYS : DAYS * (1 - random() ** 0.75),
    activity: logNormal(random, 1, 0.7),
    ...country(random),
    eveningHour: 20.5 + 1.4 * normal(random),
    device: drawFrom(devices, (one) => (one === device ? 17 : 1)),
    referrer: referrers[Math.floor(random() * referrers.length)] as Draw<string>,
  };
}
