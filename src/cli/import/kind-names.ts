/** The kinds of feedback as they are written in files and options; the place of each is its number in FeedbackKind, less 1. */
export const KIND_NAMES = ["view", "like", "dislike", "rating", "purchase", "dismiss"] as const;
