import type { NewFeedback } from "./log.ts";
import { NumberList } from "./numbers.ts";
import { packViews, type PackedViews, type ViewsOfProject } from "./packed-views.ts";
import type { Removal } from "./removal-writer.ts";

/** What is written in one piece: what a caller appends, or a step of what removes entries. */
export type Append = ViewsOfProject | Act;

/** What is not a view. */
type Act =
  | { readonly project: number; readonly feedback: readonly NewFeedback[] }
  /** A viewer is erased: their name goes, their entries are removed afterwards. */
  | { readonly project: number; readonly erase: string }
  /** Nothing is left to remove of a viewer, by their number. */
  | { readonly erased: number }
  /** The views that began before this are removed afterwards. */
  | { readonly project: number; readonly trimBefore: number }
  | { readonly remove: Removal }
  /** The rows of entries that were removed are deleted, by their positions. */
  | { readonly reclaim: Float64Array };

/** What the writer does in one transaction, in this order. */
export type Step = { readonly packed: PackedViews } | Act;

/** The steps that these appends are: their receipts come in the same order. */
export function stepsOf(appends: readonly Append[]): Step[] {
  const steps: Step[] = [];
  let groups: ViewsOfProject[] = [];
  const pack = (): void => {
    if (groups.length > 0) steps.push({ packed: packViews(groups) });
    groups = [];
  };
  for (const append of appends) {
    if ("views" in append) {
      groups.push(append);
      continue;
    }
    pack();
    steps.push(append);
  }
  pack();
  return steps;
}

/** What a transaction did. */
export interface Written {
  /**
   * What became of the appends, in their order: of a view, the index of its
   * outcome in {@link OUTCOMES} and the position; of feedback, what was
   * recorded, what was unchanged and the position; for the others, see their
   * writers.
   */
  readonly receipts: Float64Array<ArrayBuffer>;
  /** The new entries, in the order of their positions, as in log/numbers.ts. */
  readonly entries: Float64Array<ArrayBuffer>;
  /** The position of the log after it. */
  readonly position: number;
}

/** The outcomes of views. */
export const OUTCOMES = ["logged", "extended", "duplicate", "conflict"] as const;

export const LOGGED = 0;
export const EXTENDED = 1;
export const DUPLICATE = 2;
export const CONFLICT = 3;

/** The transaction that is being written. */
export class Draft {
  /** The position of the last entry so far. */
  position: number;
  readonly entries: NumberList = new NumberList();
  readonly receipts: NumberList = new NumberList();

  /** A draft on a log that ends at this position. */
  constructor(position: number) {
    this.position = position;
  }
}
