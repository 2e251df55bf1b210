/** The views of one day, from midnight to midnight where the reader is. */
export interface Day {
  readonly start: Date;
  readonly views: number;
}

/** A bar of the chart, in the units of its viewBox. */
export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How much of its place a bar takes. */
const BAR_SHARE = 0.72;

/**
 * The bars of a chart, one for each day. A day with a view is at least a line,
 * however many the others have.
 *
 * @param top the views of a bar of the whole height.
 */
export function barsOf(
  days: readonly Day[],
  { width, height, top }: { width: number; height: number; top: number },
): Bar[] {
  const place = width / Math.max(1, days.length);
  return days.map(({ views }, at) => {
    const tall = views === 0 ? 0 : Math.max(2, (views / Math.max(1, top)) * height);
    return {
      x: at * place + (place * (1 - BAR_SHARE)) / 2,
      y: height - tall,
      width: place * BAR_SHARE,
      height: tall,
    };
  });
}

/** The smallest round number that is not below a count: 1, 2, 5, 10, 20, 50, … */
export function roundTop(most: number): number {
  for (let power = 1; ; power *= 10) {
    for (const step of [1, 2, 5]) if (step * power >= most) return step * power;
  }
}

/** The midnight with which some days begin that end with today; of none, the one with which today ends. */
export function firstDay(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - (days - 1));
}
