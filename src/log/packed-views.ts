import type { NewView } from "./log.ts";

/**
 * Views on their way to the writer: two flat arrays cost both threads a third of
 * what an object for each view does.
 */
export interface PackedViews {
  /** Of each view its id, video, viewer, country, device, referrer and properties. */
  readonly texts: readonly string[];
  /** Of each view its project, time, watchMs, progress, and 1 if a bot viewed. */
  readonly numbers: Float64Array;
}

/** How many texts and numbers a view has. */
export const TEXTS = 7;
export const NUMBERS = 5;

/** The views of one project, one after the other. */
export interface ViewsOfProject {
  readonly project: number;
  readonly views: readonly NewView[];
}

/** Packs views in their order. */
export function packViews(groups: readonly ViewsOfProject[]): PackedViews {
  let count = 0;
  for (const { views } of groups) count += views.length;
  const texts: string[] = [];
  const numbers = new Float64Array(count * NUMBERS);
  let at = 0;
  for (const { project, views } of groups) {
    for (const view of views) {
      texts.push(
        view.viewId,
        view.video,
        view.viewer,
        view.country,
        view.device,
        view.referrer,
        view.properties,
      );
      numbers[at++] = project;
      numbers[at++] = view.time;
      numbers[at++] = view.watchMs;
      numbers[at++] = view.progress;
      numbers[at++] = view.bot ? 1 : 0;
    }
  }
  return { texts, numbers };
}

/** How many views these are. */
export function viewCount({ numbers }: PackedViews): number {
  return numbers.length / NUMBERS;
}

/** A text of the view at an index. */
export function textAt({ texts }: PackedViews, index: number, offset: number): string {
  return texts[index * TEXTS + offset] as string;
}
