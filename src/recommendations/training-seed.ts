/** Which users are held out, in all trainings, so that models of the same log can be compared. */
export const TRAINING_SEED = 20_240_229;
