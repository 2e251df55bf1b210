import type { Items } from "./items.ts";
import type { WeightedVideo } from "./model/model.ts";
import type { Selection } from "./selection.ts";
import { combinedStrength, isRefusal, Kind } from "./signals.ts";
import {
  faded,
  HISTORY_LIMIT,
  interestsOf,
  type Interaction,
  type Interest,
  type ViewerHistory,
} from "./viewer-history.ts";

/** What somebody did with an item just now, whether or not the log has it. */
export interface SessionItem {
  readonly id: string;
  /** A {@link Kind}. */
  readonly kind: number;
  /** Of a rating; 0 of all else. */
  readonly value: number;
}

/** All that is known of who asks. */
export interface Asker {
  /** What the log has of them. */
  readonly history: ViewerHistory | undefined;
  /** What they did just now, oldest first. */
  readonly session: readonly SessionItem[];
  /** The id of what they look at now; "" for nothing. */
  readonly context: string;
}

/** The kind of what somebody looks at now, which is none of the log's. */
const CONTEXT = -1;

/** What speaks for or against others, and how it came about. */
export interface Like extends WeightedVideo {
  /** A {@link Kind}, or that of what is looked at now. */
  readonly kind: number;
}

/**
 * What somebody likes, weighted by strength and time. What they dislike is among
 * it, with weights below 0. What they look at now weighs as much as all else that
 * they like.
 */
export function likesOf(items: Items, { history, session, context }: Asker): Like[] {
  const interests = merged(
    history?.interests(HISTORY_LIMIT) ?? [],
    sessionInterests(items, session),
  );
  const likes = interests.map(({ video, kind, weight }) => ({ video, kind, weight }));
  const video = items.video(items.indexOf(context) ?? -1);
  if (video === 0) return likes;
  const others = likes.filter((like) => like.video !== video);
  const all = others.reduce((sum, { weight }) => sum + Math.max(0, weight), 0);
  return [...others, { video, kind: CONTEXT, weight: Math.max(1, all) }];
}

/**
 * Leaves out what somebody has seen, if that is wanted, and always what they
 * refused and what they look at.
 */
export function leaveOutKnown(
  selection: Selection,
  items: Items,
  { history, session, context }: Asker,
  includeSeen: boolean,
): void {
  history?.forEachKey((video, kind) => {
    if (!includeSeen || isRefusal(kind)) selection.leaveOut(items.indexOfVideo(video));
  });
  for (const { id, kind } of session) {
    if (!includeSeen || isRefusal(kind)) selection.leaveOut(items.indexOf(id) ?? -1);
  }
  selection.leaveOut(items.indexOf(context) ?? -1);
}

/** Why something is recommended to who has such a like. */
export function reasonOf(items: Items, { video, kind }: Like): string {
  const index = items.indexOfVideo(video);
  return `Because you ${verbOf(kind)} ${items.title(index) || items.id(index)}`;
}

function verbOf(kind: number): string {
  switch (kind) {
    case Kind.LIKE:
      return "liked";
    case Kind.RATING:
      return "rated";
    case Kind.PURCHASE:
      return "bought";
    case CONTEXT:
      return "look at";
    default:
      return "viewed";
  }
}

/** What a session tells of tastes; without what the log has never seen. */
function sessionInterests(items: Items, session: readonly SessionItem[]): Interest[] {
  const latest = new Map<string, Interaction>();
  const now = Date.now();
  for (const [place, { id, kind, value }] of session.entries()) {
    const video = items.video(items.indexOf(id) ?? -1);
    const time = now - session.length + place;
    if (video !== 0) latest.set(`${video} ${kind}`, { video, kind, value, time, share: -1 });
  }
  return interestsOf(latest.values());
}

/** What somebody thinks of each video, from two sources. */
function merged(a: Interest[], b: readonly Interest[]): Interest[] {
  if (b.length === 0) return a;
  const all = new Map(a.map((interest) => [interest.video, interest]));
  for (const interest of b) {
    const known = all.get(interest.video);
    all.set(
      interest.video,
      known === undefined
        ? interest
        : {
            ...(interest.strength >= known.strength ? interest : known),
            strength: combinedStrength(known.strength, interest.strength),
            time: Math.max(known.time, interest.time),
          },
    );
  }
  return faded([...all.values()]);
}
