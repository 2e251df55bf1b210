import { FeedbackKind, type Feedback } from "../../../gen/recommendations/v1/feedback_pb.js";

/** What somebody thinks of an item, as far as it was said. */
export interface Opinion {
  readonly isLiked: boolean;
  readonly isDismissed: boolean;
  /** From 1 to 5; 0 for none. */
  readonly rating: number;
}

/** One thing that was said of an item. */
type Said = Pick<Feedback, "kind" | "value">;

export const noOpinion: Opinion = { isLiked: false, isDismissed: false, rating: 0 };

/** The opinion after something was said. */
export function opinionAfter(opinion: Opinion, { kind, value }: Said): Opinion {
  switch (kind) {
    case FeedbackKind.LIKE:
      return { ...opinion, isLiked: true };
    case FeedbackKind.DISMISS:
      return { ...opinion, isDismissed: true };
    case FeedbackKind.RATING:
      return { ...opinion, rating: value };
    default:
      return opinion;
  }
}
