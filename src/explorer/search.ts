import type { Contract } from "./contract.ts";
import { methodKinds } from "./contract.ts";
import { commentOf, firstSentence, type Documented } from "../wire/reflection/comments.ts";
import { kindName } from "./words.ts";
import { hashOf } from "./routes.ts";

/** Something to be found. */
export interface Entry {
  readonly kind: string;
  readonly name: string;
  /** What it belongs to. */
  readonly within: string;
  readonly summary: string;
  readonly hash: string;
  /** What is searched: name, whole name, comment, all in lower case. */
  readonly texts: readonly [name: string, whole: string, comment: string];
  /** What comes first among equals. */
  readonly rank: number;
}

/** All that can be found in a contract. */
export function indexOf({ services, messages, enums }: Contract): Entry[] {
  const entries: Entry[] = [];
  const add = (
    desc: Documented,
    within: string,
    hash: string,
    rank: number,
    kind?: string,
  ): void => {
    const comment = commentOf(desc);
    const texts = [plain(desc.name), plain(`${within}.${desc.name}`), plain(comment)] as const;
    const summary = firstSentence(comment);
    entries.push({
      kind: kind ?? kindName(desc),
      name: desc.name,
      within,
      summary,
      hash,
      texts,
      rank,
    });
  };
  for (const service of services) {
    add(service, packageOf(service.typeName), hashOf(service.typeName), 0);
    for (const method of service.methods) {
      const hash = hashOf(`${service.typeName}/${method.name}`);
      add(method, service.typeName, hash, 1, methodKinds[method.methodKind]);
    }
  }
  for (const message of messages) {
    add(message, packageOf(message.typeName), hashOf(message.typeName), 2);
    for (const field of message.fields) {
      add(field, message.typeName, hashOf(message.typeName, field.name), 3);
    }
  }
  for (const type of enums) {
    add(type, packageOf(type.typeName), hashOf(type.typeName), 2);
    for (const value of type.values) {
      add(value, type.typeName, hashOf(type.typeName, value.name), 4);
    }
  }
  return entries;
}

const packageOf = (typeName: string): string => typeName.split(".").slice(0, -1).join(".");

/** How names are compared: "watch_duration", "watchDuration" and "WatchDuration" are one. */
const plain = (name: string): string => name.replaceAll("_", "").toLowerCase();

/**
 * What has all the words of a query in its name or comment, the best first: what
 * is called so before what begins so, before what has it inside, before what tells
 * of it.
 */
export function search(index: readonly Entry[], query: string, limit = 50): Entry[] {
  const words = query
    .toLowerCase()
    .split(/[\s/]+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [];
  const found = index.flatMap((entry) => {
    let sum = 0;
    for (const word of words) {
      const score = scoreOf(entry, word);
      if (score === 0) return [];
      sum += score;
    }
    return [{ entry, score: sum / words.length - entry.rank }];
  });
  return found
    .toSorted((a, b) => b.score - a.score || a.entry.name.localeCompare(b.entry.name))
    .slice(0, limit)
    .map(({ entry }) => entry);
}

function scoreOf({ texts: [name, whole, comment] }: Entry, word: string): number {
  const sought = plain(word);
  if (sought !== "") {
    if (name === sought || whole === sought) return 100;
    if (name.startsWith(sought)) return 80;
    if (name.includes(sought)) return 60;
    if (whole.includes(sought)) return 40;
  }
  const at = comment.indexOf(sought);
  if (sought === "" || at === -1) return 0;
  return at === 0 || /\W/.test(comment[at - 1] ?? "") ? 20 : 10;
}
