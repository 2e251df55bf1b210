import { diversified, poolSize, Similarity } from "./diversity.ts";
import { drawLittleKnown, placesOf, randomFor, withOthers } from "./exploration.ts";
import {
  alike,
  chance,
  personal,
  popular,
  type Explanation,
  type Question,
  type Scored,
  type Source,
} from "./sources.ts";

/**
 * How an answer is made: sources name candidates, one after the other until there
 * are enough; then steps choose among them and put them in order; at last each
 * is explained by where it came from.
 */

/** An item of an answer, and why it is there. */
export interface Ranked extends Scored, Explanation {}

/** How an answer is to be. */
export interface Shape {
  /** How many items at most. */
  readonly limit: number;
  /** How different from each other, from 0 to 1. */
  readonly diversity: number;
  /** The share of places for what is little known, from 0 to 1. */
  readonly exploration: number;
  /** What exploration draws by. */
  readonly seed: string;
  /** Whether contributions are told. */
  readonly explain: boolean;
}

/** A candidate, and who can explain it. */
interface Candidate extends Scored {
  readonly source: Pick<Source, "explain">;
}

/**
 * Where candidates come from: what the first finds is ahead of what the next
 * does. Only the scores of the first count as they are.
 */
const sources: readonly Source[] = [personal, alike, popular];

/** The items for an answer, best first. */
export function rank(question: Question, shape: Shape): Ranked[] {
  const { limit, diversity } = shape;
  let candidates = candidatesFor(question, diversity > 0 ? poolSize(limit) : limit);
  if (diversity > 0) {
    const similarity = new Similarity(question.items, question.model);
    candidates = diversified(candidates, shape, similarity);
  }
  return explained(question, withExploration(question, candidates, shape), shape);
}

/** Has each source explain its own, all at once: that costs less than one after the other. */
function explained(
  question: Question,
  candidates: readonly Candidate[],
  { explain }: Shape,
): Ranked[] {
  const explanations = new Map<number, Explanation>();
  for (const source of new Set(candidates.map((candidate) => candidate.source))) {
    const own = candidates.filter((candidate) => candidate.source === source);
    const indexes = own.map(({ index }) => index);
    for (const [place, explanation] of source.explain(question, indexes, explain).entries()) {
      explanations.set(indexes[place] as number, explanation);
    }
  }
  return candidates.map(({ index, score }) => ({
    index,
    score,
    ...(explanations.get(index) as Explanation),
  }));
}

/**
 * The best candidates, at most `limit`; they are left out of the selection. After
 * those of the first source the scores go on from the last one, each lower than
 * the one before, down to 0, which none of them reaches.
 */
function candidatesFor(question: Question, limit: number): Candidate[] {
  const { selection } = question;
  const candidates: Candidate[] = [];
  let scored = 0;
  for (const [order, source] of sources.entries()) {
    if (candidates.length === limit) break;
    for (const { index, score } of source.find(question, limit - candidates.length)) {
      selection.leaveOut(index);
      candidates.push({ index, score, source });
    }
    if (order === 0) scored = candidates.length;
  }
  const top = candidates[scored - 1]?.score ?? 1;
  const rest = candidates.length - scored;
  return candidates.map((candidate, place) =>
    place < scored
      ? candidate
      : { ...candidate, score: (top * (rest - (place - scored))) / (rest + 1) },
  );
}

/** The first of the candidates, with what is drawn in some of their places. */
function withExploration(
  question: Question,
  candidates: readonly Candidate[],
  { limit, exploration, seed }: Shape,
): Candidate[] {
  const list = candidates.slice(0, limit);
  if (exploration === 0) return list;
  const random = randomFor(seed);
  const count = placesOf(exploration, list.length, random);
  // Those that may go, and those that did not get in, can be drawn as well.
  for (const { index } of candidates.slice(list.length - count)) question.selection.takeBack(index);
  const drawn = drawLittleKnown(question, count, random);
  return withOthers(list, drawn, random, (index, score) => ({ index, score, source: chance }));
}
