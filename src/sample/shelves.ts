import { randomFrom, type Random } from "../random.ts";
import type { Book } from "./books.ts";
import { drawFrom, logNormal, seedOf, type Draw } from "./draw.ts";

/** How much a book counts for its first category, its second, and so on. */
const PLACE_WEIGHTS = [1, 0.55, 0.3];
/** So many draws may bring a book that was read already, before the shelf counts as read. */
const DRAWS = 12;

/** A book as readers see it. */
export interface ShelfBook {
  readonly id: string;
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  /** How long it takes to read, in minutes. */
  readonly minutes: number;
}

/** Some are read much more than others. */
export const FAMOUS: ReadonlySet<string> = new Set([
  "pride-and-prejudice",
  "jane-eyre",
  "wuthering-heights",
  "frankenstein",
  "dracula",
  "the-adventures-of-sherlock-holmes",
  "the-hound-of-the-baskervilles",
  "the-time-machine",
  "alices-adventures-in-wonderland",
  "treasure-island",
  "the-count-of-monte-cristo",
  "moby-dick",
  "crime-and-punishment",
  "the-great-gatsby",
  "the-metamorphosis",
  "little-women",
  "anne-of-green-gables",
  "hamlet",
  "leaves-of-grass",
  "walden",
  "the-prince",
  "on-the-origin-of-species",
  "don-quixote",
  "the-picture-of-dorian-gray",
]);

/** The books, by what readers look for. */
export class Shelves {
  readonly #any: Draw<ShelfBook>;
  readonly #byCategory = new Map<string, Draw<ShelfBook>>();
  readonly #byAuthor = new Map<string, ShelfBook[]>();

  constructor(books: readonly Book[], seed: number) {
    const fames = new Map<ShelfBook, number>();
    for (const book of books) {
      // Each from a seed of its own: a further book changes nothing about the others.
      const random = randomFrom(seedOf(`${seed}/book/${book.id}`));
      const shelfBook = { ...book, minutes: Math.min(240, logNormal(random, 60, 0.45)) };
      const fame = logNormal(random, 1, 0.4);
      fames.set(shelfBook, FAMOUS.has(book.id) ? 3.5 + fame : fame);
      for (const author of book.authors) {
        this.#byAuthor.set(author, [...(this.#byAuthor.get(author) ?? []), shelfBook]);
      }
    }
    const all = [...fames.keys()];
    const fameOf = (book: ShelfBook): number => fames.get(book) ?? 0;
    this.#any = drawFrom(all, fameOf);
    for (const category of new Set(all.flatMap(({ categories }) => categories))) {
      const weightOf = (book: ShelfBook): number =>
        fameOf(book) * (PLACE_WEIGHTS[book.categories.indexOf(category)] ?? 0);
      this.#byCategory.set(category, drawFrom(all, weightOf));
    }
  }

  /** Any book that is not among those read; undefined if they seem to be all. */
  any(random: Random, read: ReadonlySet<string>): ShelfBook | undefined {
    return unread(this.#any, random, read);
  }

  /** One of a category. */
  ofCategory(category: string, random: Random, read: ReadonlySet<string>): ShelfBook | undefined {
    const draw = this.#byCategory.get(category);
    return draw && unread(draw, random, read);
  }

  /** Another one by an author of a book; undefined if there is none. */
  bySameAuthor(
    { authors }: ShelfBook,
    random: Random,
    read: ReadonlySet<string>,
  ): ShelfBook | undefined {
    const others = authors
      .flatMap((author) => this.#byAuthor.get(author) ?? [])
      .filter(({ id }) => !read.has(id));
    return others[Math.floor(random() * others.length)];
  }
}

function unread(
  draw: Draw<ShelfBook>,
  random: Random,
  read: ReadonlySet<string>,
): ShelfBook | undefined {
  for (let attempt = 0; attempt < DRAWS; attempt++) {
    const book = draw(random);
    if (!read.has(book.id)) return book;
  }
  return undefined;
}
