/**
 * How well items that nobody has viewed yet are recommended by their content:
 *
 *     npm run bench:new-items -- DIRECTORY
 *
 * DIRECTORY has books.csv, and in split/ train.tsv.gz, valid_foldin.tsv.gz and
 * valid_target.tsv.gz, as the goodbooks dataset is split. A random tenth of the
 * books are new: nobody's likes of them are learned from or folded in. Then the
 * readers of the validation are asked what they like of them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { ContentRanking } from "../src/recommendations/content/content-ranking.ts";
import { Items } from "../src/recommendations/items.ts";
import { BlendedModel } from "../src/recommendations/model/blended-model.ts";
import { encodeLearned } from "../src/recommendations/model/encode-learned.ts";
import { buildKernels } from "../src/recommendations/model/kernels/build.ts";
import { learn } from "../src/recommendations/model/learning/learn.ts";
import { MatrixBuilder } from "../src/recommendations/model/matrix.ts";
import { qualityOf } from "../src/recommendations/model/metrics.ts";
import { randomFrom } from "../src/random.ts";
import { TopN } from "../src/recommendations/top-n.ts";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write("usage: npm run bench:new-items -- DIRECTORY\n");
  process.exit(1);
}
const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const random = randomFrom(7);
const NEW_SHARE = 0.1;
const RANKED = 100;
const TOP = 50;

interface Book {
  readonly book_id: string;
  readonly title: string;
  readonly authors: string;
  readonly categories: string;
}

/** The items of each user, in the order of the file. */
function readPairs(name: string): Map<number, number[]> {
  const users = new Map<number, number[]>();
  const text = gunzipSync(readFileSync(join(directory as string, "split", name))).toString();
  for (const line of text.trimEnd().split("\n").slice(1)) {
    const [user, item] = line.split("\t").map(Number) as [number, number];
    const items = users.get(user);
    if (items === undefined) users.set(user, [item]);
    else items.push(item);
  }
  return users;
}

const books = parse<Book>(readFileSync(join(directory, "books.csv"), "utf8"), { columns: true });
const isNew = new Set(books.map((book) => Number(book.book_id)).filter(() => random() < NEW_SHARE));

await buildKernels();
const builder = new MatrixBuilder();
const readers = new Map<number, number>();
for (const [user, liked] of readPairs("train.tsv.gz")) {
  for (const book of liked.filter((one) => !isNew.has(one))) {
    builder.add(book, 1);
    readers.set(book, (readers.get(book) ?? 0) + 1);
  }
  builder.endUser(user);
}
const interactions = builder.build();
const learned = await learn(interactions, { seed: 1 });
const model = new BlendedModel(encodeLearned(interactions, learned));

const items = new Items();
const content = new ContentRanking(items);
content.newcomers.follow(model);
for (const { book_id: id, title, authors, categories: slugs } of books) {
  const categories = slugs.split("|");
  const creators = authors.split(", ");
  const index = items.upsert({ id, title, categories, creators });
  items.see(Number(id), id);
  content.upsert(index, { title, creators, categories, description: "" });
}
await content.newcomers.settled();
print(`${books.length} books, ${isNew.size} new; ${content.newcomers.size} ranked by content`);

const bookOf = (index: number): number => Number(items.id(index));
const indexOf = (book: number): number => items.indexOf(String(book)) ?? -1;

/** How popular the categories of each new book are: the mean of the readers of their books. */
const byCategory = new Map<string, { readers: number; books: number }>();
for (const book of books) {
  for (const category of book.categories.split("|")) {
    const sum = byCategory.get(category) ?? { readers: 0, books: 0 };
    sum.readers += readers.get(Number(book.book_id)) ?? 0;
    sum.books++;
    byCategory.set(category, sum);
  }
}
const popular = new TopN(RANKED);
for (const book of books) {
  if (!isNew.has(Number(book.book_id))) continue;
  const means = book.categories.split("|").map((category) => {
    const sum = byCategory.get(category);
    return sum === undefined ? 0 : sum.readers / sum.books;
  });
  popular.push(Number(book.book_id), means.reduce((a, b) => a + b, 0) / means.length);
}
const popularIds = popular.takeIds();

/** Sums over readers, by name. */
const sums = new Map<string, { sum: number; readers: number }>();
function tell(what: string, value: number): void {
  const mean = sums.get(what) ?? { sum: 0, readers: 0 };
  mean.sum += value;
  mean.readers++;
  sums.set(what, mean);
}

const targets = readPairs("valid_target.tsv.gz");
for (const [user, given] of readPairs("valid_foldin.tsv.gz")) {
  const likes = given.filter((book) => !isNew.has(book)).map((video) => ({ video, weight: 1 }));
  const seen = new Set(likes.map((like) => like.video));
  const hidden = targets.get(user) ?? [];
  const fanOf = new Set([...given, ...hidden].filter((book) => isNew.has(book)));
  const others = new Set(hidden.filter((book) => !isNew.has(book)));
  const [all, old, fresh] = [new TopN(RANKED), new TopN(RANKED), new TopN(RANKED)];
  model.score(content.newcomers.standIns(likes), (book, score) => {
    if (seen.has(book)) return -Infinity;
    old.push(book, score);
    if (!content.newcomers.has(indexOf(book))) all.push(book, score);
    return -Infinity;
  });
  content.newcomers.score(-Infinity, (index, score) => {
    const book = bookOf(index);
    if (seen.has(book)) return -Infinity;
    all.push(book, score);
    if (isNew.has(book)) fresh.push(book, score);
    return -Infinity;
  });
  const [ranking, oldRanking] = [all.takeIds(), old.takeIds()];
  const top = new Set(ranking.slice(0, TOP));
  tell("share of new books in the top 50", [...top].filter((book) => isNew.has(book)).length / TOP);
  if (others.size > 0) {
    tell("NDCG@100, other books, without new ones", qualityOf(oldRanking, others).ndcgAt100);
    tell("NDCG@100, other books, with new ones", qualityOf(ranking, others).ndcgAt100);
  }
  const wanted = new Set([...others, ...fanOf]);
  if (wanted.size > 0) {
    tell("NDCG@100, all books, without new ones", qualityOf(oldRanking, wanted).ndcgAt100);
    tell("NDCG@100, all books, with new ones", qualityOf(ranking, wanted).ndcgAt100);
  }
  if (fanOf.size === 0) continue;
  for (const book of fanOf) tell("new books in the top 50 of their fans", top.has(book) ? 1 : 0);
  const randomIds = [...isNew].map((book) => ({ book, key: random() }));
  randomIds.sort((a, b) => a.key - b.key);
  const rankings = {
    "by model and content": fresh.takeIds(),
    "by popularity of categories": popularIds,
    "at random": randomIds.slice(0, RANKED).map(({ book }) => book),
  };
  for (const [name, ids] of Object.entries(rankings)) {
    tell(`NDCG@100, new books, ${name}`, qualityOf(ids, fanOf).ndcgAt100);
  }
}
for (const [what, { sum, readers: count }] of sums) {
  print(`${what.padEnd(52)} ${(sum / count).toFixed(4)}`);
}
