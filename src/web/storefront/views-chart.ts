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
 * The bars of a chart, one for each day: that of the busiest day has the whole
 * height. A day with a view is at least a line, however many the others have.
 */
export function barsOf(
  days: readonly Day[],
  { width, height }: { width: number; height: number },
): Bar[] {
  const most = Math.max(1, ...days.map(({ views }) => views));
  const place = width / Math.max(1, days.length);
  return days.map(({ views }, at) => {
    const tall = views === 0 ? 0 : Math.max(2, (views / most) * height);
    return {
      x: at * place + (place * (1 - BAR_SHARE)) / 2,
      y: height - tall,
      width: place * BAR_SHARE,
      height: tall,
    };
  });
}

/** The midnight with which some days begin that end with today; of none, the one with which today ends. */
export function firstDay(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - (days - 1));
}
