import { folded, wordsOf } from "./words.ts";

/** What an item says of itself; bounds are those of catalog.v1.Item. */
export interface Content {
  readonly title: string;
  readonly creators: readonly string[];
  /** Slugs, strongest first. */
  readonly categories: readonly string[];
  readonly description: string;
}

/** Where a feature is from. */
export const Field = { CREATOR: 0, CATEGORY: 1, TITLE: 2, DESCRIPTION: 3 } as const;

export const FIELDS = 4;

/**
 * So much of a text is read, and so many of its words count at most: the first
 * sentences say what it is about, and memory is bounded.
 */
const READ = { title: 400, description: 2_000 };
const WORDS = { title: 24, description: 48 };
const MAX_CREATORS = 16;

/** Whether a word, by its key, is in so many items that it says nothing. */
export type IsStopWord = (key: string) => boolean;

/**
 * The features of an item, each once, as keys that begin with the digit of their
 * field: its creators, its categories, the words of its title and the first words
 * of its description that are no stop words.
 */
export function featuresOf(content: Content, isStopWord: IsStopWord): string[] {
  const keys: string[] = [];
  const creators = content.creators.slice(0, MAX_CREATORS).map((name) => folded(name).trim());
  for (const name of new Set(creators)) if (name !== "") keys.push(`${Field.CREATOR}${name}`);
  for (const name of new Set(content.categories)) keys.push(`${Field.CATEGORY}${name}`);
  const title = content.title.slice(0, READ.title);
  for (const word of wordsOf(title, WORDS.title)) keys.push(`${Field.TITLE}${word}`);
  const description = content.description.slice(0, READ.description);
  const counts = (word: string): boolean => !isStopWord(`${Field.DESCRIPTION}${word}`);
  for (const word of wordsOf(description, WORDS.description, counts)) {
    keys.push(`${Field.DESCRIPTION}${word}`);
  }
  return keys;
}

/** The field of a feature. */
export function fieldOf(key: string): number {
  return key.charCodeAt(0) - 48;
}
