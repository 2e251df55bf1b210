import { gramParts, solveRows, turnRows } from "./factors.ts";
import { judge } from "./judging.ts";
import { denseGram } from "./neighbour-gram.ts";
import { neighbours } from "./neighbours.ts";
import { ridge } from "./ridge.ts";
import type { Task } from "./team.ts";

/** All that the threads of a training can be told to do. */
export const tasks = {
  neighbours,
  denseGram,
  ridge,
  halfStep: solveRows,
  gramParts,
  turnRows,
  judge,
};

export type TaskName = keyof typeof tasks;

/** What a task is told. */
export type TaskArguments<Name extends TaskName> =
  (typeof tasks)[Name] extends Task<infer Arguments> ? Arguments : never;
