import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { DimensionKind, Granularity, Metric } from "../../../gen/analytics/v1/query_pb.js";
import { marquee } from "./marquee.ts";
import { Failure } from "./parts.tsx";
import { useCall } from "./use-call.ts";
import { barsOf, firstDay, type Day } from "./views-chart.ts";
import { counted } from "./words.ts";

const DAYS = 30;
const [WIDTH, HEIGHT] = [600, 96];

interface Views {
  readonly views: bigint;
  readonly viewers: bigint;
  readonly days: readonly Day[];
}

/** How often an item was viewed: in all, and on each of the last days. */
export function ItemViews({
  itemId,
  position,
}: {
  itemId: string;
  /** What the counts are to cover of the log; nothing is asked for until it is known. */
  position: bigint | undefined;
}) {
  const key = position === undefined ? undefined : JSON.stringify(["views", itemId]);
  const { data, error, again } = useCall(key, (signal) => viewsOf(itemId, position ?? 0n, signal));
  return (
    <section class="views" aria-label="Views">
      <h2>Views</h2>
      {error !== undefined && (
        <Failure what="The views could not be counted." error={error} again={again} />
      )}
      {(data !== undefined || error === undefined) && <Figures views={data} />}
    </section>
  );
}

async function viewsOf(
  videoName: string,
  minPosition: bigint,
  signal: AbortSignal,
): Promise<Views> {
  const video = { kind: DimensionKind.VIDEO };
  const now = new Date();
  const [stats, { rows }] = await Promise.all([
    marquee.analytics.getViewStats({ videoName, minPosition }, { signal }),
    marquee.analytics.queryViews(
      {
        metrics: [Metric.VIEWS],
        filters: [{ condition: { case: "in", value: { dimension: video, values: [videoName] } } }],
        interval: {
          startTime: timestampFromDate(firstDay(now, DAYS)),
          endTime: timestampFromDate(firstDay(now, 0)),
        },
        granularity: Granularity.DAY,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        pageSize: DAYS + 2,
        minPosition,
      },
      { signal },
    ),
  ]);
  const days = rows.flatMap(({ startTime, metrics }) =>
    startTime ? [{ start: timestampDate(startTime), views: Number(metrics?.views ?? 0n) }] : [],
  );
  return { views: stats.views, viewers: stats.uniqueViewers, days };
}

const dayName = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });

/** The figures, or as much room as they take. */
function Figures({ views }: { views: Views | undefined }) {
  const days = views?.days ?? [];
  const most = Math.max(0, ...days.map((day) => day.views));
  const recent = days.reduce((sum, day) => sum + day.views, 0);
  const bars = barsOf(days, { width: WIDTH, height: HEIGHT });
  const first = days[0];
  return (
    <>
      <p class="totals">
        {views === undefined
          ? "\u00a0"
          : `${counted(views.views, "view")} by ${counted(views.viewers, "viewer")} so far`}
      </p>
      <svg
        class="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT + 1}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Views by day: ${recent} in the last ${DAYS} days, ${most} on the busiest of them.`}
      >
        {bars.map(
          (bar, at) =>
            bar.height > 0 && (
              <rect key={bar.x} {...bar} rx={1.5}>
                <title>{`${dayName.format(days[at]?.start)}: ${counted(days[at]?.views ?? 0, "view")}`}</title>
              </rect>
            ),
        )}
        <line x1={0} x2={WIDTH} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
      </svg>
      <p class="muted axis" aria-hidden="true">
        <span>{first === undefined ? "\u00a0" : dayName.format(first.start)}</span>
        <span>{most > 0 && `at most ${counted(most, "view")} a day`}</span>
        <span>{first === undefined ? "" : "Today"}</span>
      </p>
    </>
  );
}
