import { useEffect, useRef, useState } from "preact/hooks";
import { FeedbackKind } from "../../../gen/recommendations/v1/feedback_pb.js";
import { marquee } from "./marquee.ts";
import { noOpinion, opinionAfter, type Opinion } from "./opinion.ts";
import { remember } from "./remembered.ts";
import { useCall } from "./use-call.ts";
import { failureText } from "./words.ts";

const KINDS = [FeedbackKind.LIKE, FeedbackKind.DISMISS, FeedbackKind.RATING];
const STARS = [1, 2, 3, 4, 5];

/**
 * Likes, dismisses and rates an item. The server keeps the latest of each kind
 * and takes none back: a rating can be changed, a like and a dismissal stand.
 */
export function ItemOpinion({ itemId, viewerId }: { itemId: string; viewerId: string }) {
  const key = JSON.stringify(["opinion", viewerId, itemId]);
  const kept = useCall(key, async (signal) => {
    const request = { userId: viewerId, itemId, kinds: KINDS };
    const { interactions } = await marquee.recommendations.listInteractions(request, { signal });
    return interactions.reduce(opinionAfter, noOpinion);
  });
  const [said, setSaid] = useState<Opinion>();
  const [status, setStatus] = useState("");
  // One after the other, so that the latest stands.
  const sending = useRef<Promise<unknown>>(Promise.resolve());
  const opinion = said ?? kept.data ?? noOpinion;
  const latest = useRef(opinion);
  useEffect(() => {
    latest.current = opinion;
  });
  const say = (kind: FeedbackKind, thanks: string, value = 0): void => {
    const before = latest.current;
    latest.current = opinionAfter(before, { kind, value });
    setSaid(latest.current);
    setStatus("");
    const feedback = [{ userId: viewerId, itemId, kind, value }];
    sending.current = sending.current.then(() =>
      marquee.recommendations.recordFeedback({ feedback }).then(
        () => {
          remember(key, latest.current);
          setStatus(thanks);
        },
        (error: unknown) => {
          setSaid(before);
          setStatus(`That was not recorded. ${failureText(error)}`);
        },
      ),
    );
  };
  // What is not known yet must not be said to be so.
  const isKnown = kept.data !== undefined || said !== undefined || kept.error !== undefined;
  return (
    <div class="opinion" aria-busy={!isKnown}>
      <button
        type="button"
        class="button"
        aria-pressed={opinion.isLiked}
        onClick={() => say(FeedbackKind.LIKE, "Liked: there will be more like it.")}
      >
        <span aria-hidden="true">{opinion.isLiked ? "♥" : "♡"}</span>{" "}
        {opinion.isLiked ? "Liked" : "Like"}
      </button>
      <button
        type="button"
        class="button"
        aria-pressed={opinion.isDismissed}
        onClick={() => say(FeedbackKind.DISMISS, "It will not be recommended to you any more.")}
      >
        Not for me
      </button>
      <fieldset class="stars">
        <legend class="visually-hidden">Your rating</legend>
        {STARS.map((stars) => (
          <label key={stars} class={stars <= opinion.rating ? "on" : ""}>
            <input
              type="radio"
              name="rating"
              value={stars}
              checked={stars === opinion.rating}
              onChange={() => say(FeedbackKind.RATING, `You rated it ${stars} of 5.`, stars)}
            />
            <span class="visually-hidden">{stars} of 5</span>
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="M12 2.6l2.9 6 6.6.9-4.8 4.6 1.2 6.5L12 17.5l-5.9 3.1 1.2-6.5L2.5 9.5l6.6-.9z" />
            </svg>
          </label>
        ))}
      </fieldset>
      <p class="muted opinion-status" role="status">
        {status !== ""
          ? status
          : kept.error !== undefined
            ? "What you said before cannot be shown right now."
            : ""}
      </p>
    </div>
  );
}
