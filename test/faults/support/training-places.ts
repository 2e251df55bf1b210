/** The places on a training's way, in their order: training-crash.test.ts has servers die there. */
export const trainingPlaces = [
  "training.read",
  "training.learning",
  "model.writing",
  "model.before-swap",
  "model.after-swap",
] as const;
