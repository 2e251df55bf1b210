import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  DimensionKind,
  Granularity,
  Metric,
  type QueryViewsRequestSchema,
} from "../../gen/analytics/v1/query_pb.js";
import { offsetPeriods } from "../../src/analytics/query/zone.ts";
import type { MarqueeClient } from "../../src/client/index.ts";
import { days } from "./history.ts";

/** A question, to our server and to bare DuckDB. */
export interface Question {
  readonly name: string;
  /** Asks the server; returns a number that must be the same on both sides. */
  ask(client: MarqueeClient): Promise<number>;
  /** As one would write it. Its sums of `views`, and of `viewers` if it has them, make that number. */
  readonly sql: string;
  /** Whether its time is bounded by itself, too: milliseconds. */
  readonly boundMs?: number;
}

const dayMs = 86_400_000;
const timeZone = "Europe/Amsterdam";

type Query = MessageInitShape<typeof QueryViewsRequestSchema>;

/** A filter: views with this value. */
const where = (kind: DimensionKind, value: string) => ({
  condition: { case: "in" as const, value: { dimension: { kind }, values: [value] } },
});
/** For each value of a dimension. */
const by = (kind: DimensionKind, property = "") => ({ dimensions: [{ kind, property }] });

/** What the clocks are ahead of UTC, in milliseconds, in SQL. */
function offsetSql(start: number, end: number): string {
  const [first, ...later] = offsetPeriods(timeZone, start, end);
  return later.reduce(
    (sql, { from, offset }) => `case when time < ${from} then ${sql} else ${offset} end`,
    String(first?.offset),
  );
}

/** All kinds of questions, about 30 days that end at `end`. */
export function questions(end: number): Question[] {
  const start = end - days * dayMs;
  const interval = { startTime: timestampFromMs(start), endTime: timestampFromMs(end) };
  const inTime = `project = 0 and time >= ${start} and time < ${end}`;
  const counts = "sum(views) as views, count(distinct viewer) as viewers, sum(watch_ms) as watch";
  const metrics = [Metric.VIEWS, Metric.UNIQUE_VIEWERS, Metric.WATCH_DURATION];
  const query =
    (parts: Query) =>
    async (client: MarqueeClient): Promise<number> => {
      const request: Query = {
        metrics,
        interval,
        pageSize: 10_000,
        timeZone,
      };
      const { rows } = await client.analytics.queryViews(Object.assign(request, parts));
      return rows.reduce(
        (sum, { metrics: of }) => sum + Number(of?.views) + Number(of?.uniqueViewers ?? 0),
        0,
      );
    };
  const local = `(time + ${offsetSql(start, end)})`;
  const day = `${local} // ${dayMs} as day`;
  const video = where(DimensionKind.VIDEO, "video-0");
  return [
    {
      name: "totals of everything",
      ask: query({}),
      sql: `select ${counts} from view where ${inTime}`,
      boundMs: 50,
    },
    {
      name: "totals of the top video",
      async ask(client) {
        const stats = await client.analytics.getViewStats({ videoName: "video-0", interval });
        return Number(stats.views + stats.uniqueViewers);
      },
      sql: `select ${counts} from view where ${inTime} and video = 1`,
      boundMs: 50,
    },
    {
      name: "top ten videos",
      async ask(client) {
        const top = await client.analytics.listTopVideos({ interval });
        return top.videos.reduce(
          (sum, { views, uniqueViewers }) => sum + Number(views + uniqueViewers),
          0,
        );
      },
      sql: `select video, ${counts} from view where ${inTime}
            group by video order by views desc, video limit 10`,
      boundMs: 50,
    },
    {
      name: "30 days of the top video",
      ask: query({ filters: [video], granularity: Granularity.DAY }),
      sql: `select ${day}, ${counts} from view where ${inTime} and video = 1 group by day`,
      boundMs: 50,
    },
    {
      name: "30 days of everything",
      ask: query({ granularity: Granularity.DAY }),
      sql: `select ${day}, ${counts} from view where ${inTime} group by day`,
    },
    {
      name: "hours of one country",
      ask: query({
        filters: [where(DimensionKind.COUNTRY, "NL")],
        granularity: Granularity.HOUR,
      }),
      sql: `select time // 3600000 as hour, ${counts} from view
            where ${inTime} and country = 'NL' group by hour`,
    },
    {
      name: "by country",
      ask: query(by(DimensionKind.COUNTRY)),
      sql: `select country, ${counts} from view where ${inTime} group by country`,
    },
    {
      name: "weeks by device",
      ask: query({ ...by(DimensionKind.DEVICE), granularity: Granularity.WEEK }),
      sql: `select (${local} // ${dayMs} + 3) // 7 as week, device, ${counts} from view
            where ${inTime} group by all`,
    },
    {
      name: "by host of the referrer",
      ask: query(by(DimensionKind.REFERRER_HOST)),
      sql: `select regexp_extract(lower(referrer), '^[a-z]+://(www\\.)?([^/:?#]+)', 2) as host, ${counts}
            from view where ${inTime} group by host`,
    },
    {
      name: "by a property",
      ask: query(by(DimensionKind.PROPERTY, "plan")),
      sql: `select json_extract_string(properties, '$.plan') as plan, ${counts} from view
            where ${inTime} group by plan`,
    },
    {
      name: "top countries of videos, filtered",
      ask: query({
        dimensions: [{ kind: DimensionKind.VIDEO }, { kind: DimensionKind.COUNTRY }],
        filters: [
          { condition: { case: "not", value: where(DimensionKind.DEVICE, "tv") } },
          {
            condition: {
              case: "prefix",
              value: { dimension: { kind: DimensionKind.REFERRER }, prefix: "https://site-1" },
            },
          },
        ],
        pageSize: 100,
      }),
      sql: `select video, country, ${counts} from view
            where ${inTime} and device is distinct from 'tv' and starts_with(referrer, 'https://site-1')
            group by all order by views desc, video, country limit 100`,
    },
    {
      name: "average watch and completion by country",
      ask: query({
        ...by(DimensionKind.COUNTRY),
        metrics: [
          Metric.VIEWS,
          Metric.AVERAGE_WATCH_DURATION,
          Metric.AVERAGE_PROGRESS,
          Metric.COMPLETION_RATE,
        ],
      }),
      sql: `select country, sum(views) as views, sum(watch_ms) / sum(views),
              sum(progress - coalesce(progress_before, 0)),
              count(*) filter (progress >= 950 and coalesce(progress_before, -1) < 950),
              count(*) filter (progress is not null and progress_before is null)
            from view where ${inTime} group by country`,
    },
    {
      name: "trending of a day",
      async ask(client) {
        const { videos } = await client.analytics.listTrendingVideos({});
        return videos.length === 0 ? 0 : 1;
      },
      sql: `select 1 as views from (
              select video, sum(views) filter (time >= ${end - dayMs}) as now,
                     sum(views) filter (time < ${end - dayMs}) as before
              from view where project = 0 and time >= ${end - 2 * dayMs} and time < ${end}
              group by video
              order by (coalesce(now, 0) - coalesce(before, 0)) / sqrt(coalesce(before, 0) + 1) desc
              limit 10) limit 1`,
    },
    {
      name: "audience retention of the top video",
      async ask(client) {
        const request = { videoName: "video-0", interval };
        return Number((await client.analytics.getAudienceRetention(request)).views);
      },
      sql: `select progress_before, progress, count(*) as views from view
            where ${inTime} and video = 1 and progress is not null group by all`,
    },
  ];
}
