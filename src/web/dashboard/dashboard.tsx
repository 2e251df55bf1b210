import { useMemo, useState } from "preact/hooks";
import { Breakdown } from "./breakdown.tsx";
import { marquee } from "./client.ts";
import { RangeControls } from "./controls.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { LivePanel } from "./live.tsx";
import { unitFor, type Unit } from "./logic/buckets.ts";
import { onlyVideo } from "./logic/filters.ts";
import { spanText } from "./logic/format.ts";
import { seriesQuestion, totalsQuestion } from "./logic/questions.ts";
import { before, rangeOfSpan, resolve } from "./logic/range.ts";
import { seriesOf, unitForMonths, type Series } from "./logic/series.ts";
import { valueName, type Look } from "./look.ts";
import { ModelPanel } from "./model.tsx";
import { Retention } from "./retention.tsx";
import { SeriesPanel } from "./series.tsx";
import { TotalsPanel, type Totals } from "./totals.tsx";
import { Trending } from "./trending.tsx";
import { useAnswer, type Answer } from "./use-answer.ts";
import { useLive, useNow, useRefresh } from "./use-live.ts";
import { useStateOfUrl } from "./use-state-of-url.ts";
import { useTitles } from "./use-titles.ts";
import { Welcome } from "./welcome.tsx";

/** The page below its top. */
export function Dashboard() {
  const [state, go] = useStateOfUrl();
  const now = useNow();
  const live = useLive();
  const { start, end } = resolve(state.range, state.zone, now) ?? {};
  // The same object while it is the same span.
  const span = useMemo(
    () => (start === undefined || end === undefined ? undefined : { start, end }),
    [start, end],
  );
  const hasNow = span === undefined || (span.start <= now && now < span.end);
  const tick = useRefresh(live.live?.position, hasNow);
  const look: Look = { state, go, span, now, tick };
  return (
    <main id="main" class="dashboard">
      <h1 class="visually-hidden">Dashboard</h1>
      <LivePanel state={live} />
      {live.live?.views === 0 ? <Welcome /> : <Panels look={look} />}
      <ModelPanel />
    </main>
  );
}

function Panels({ look }: { look: Look }) {
  const { state, go, span } = look;
  const { range, zone, metric, filters } = state;
  const totals = useTotals(look);
  const series = useSeries(look);
  const [topVideos, setTopVideos] = useState<readonly string[]>([]);
  const titleOf = useTitles(topVideos);
  const views = totals.data?.now.views;
  const parts = { look, total: views === undefined ? undefined : Number(views) };
  const video = state.video || (onlyVideo(filters) ?? topVideos[0] ?? "");
  return (
    <>
      <div class="controls">
        <RangeControls look={look} />
        <FilterBar look={look} />
      </div>
      <TotalsPanel answer={totals} metric={metric} onMetric={(next) => go({ metric: next })} />
      <SeriesPanel
        answer={series}
        unit={state.unit}
        now={look.now}
        note={span === undefined ? "All time" : spanText(span, zone, range)}
        onUnit={(unit) => go({ unit })}
        onSpan={(next) => go({ range: rangeOfSpan(next, zone), unit: undefined })}
      />
      <Breakdown
        title="Top videos"
        by="video"
        labelOf={titleOf}
        onValues={setTopVideos}
        {...parts}
      />
      <Trending look={look} />
      <Retention look={look} video={video} />
      <Breakdown
        title="Countries"
        by="country"
        labelOf={(value) => valueName("country", value)}
        {...parts}
      />
      <Breakdown
        title="Devices"
        by="device"
        labelOf={(value) => valueName("device", value)}
        {...parts}
      />
      <Breakdown
        title="Referrers"
        by="referrer"
        labelOf={(value) => valueName("referrer", value)}
        {...parts}
      />
    </>
  );
}

function useTotals({ state, span, tick }: Look): Answer<Totals> {
  const { filters, zone } = state;
  return useAnswer(JSON.stringify(["totals", span, filters, zone]), tick, async (signal) => {
    const ask = async (of: typeof span) => {
      const { rows } = await marquee.analytics.queryViews(totalsQuestion(of, filters), { signal });
      const figures = rows[0]?.metrics;
      if (figures === undefined) throw new Error("the server answered without figures");
      return figures;
    };
    // Not by compare_previous: a day at noon is to be compared with half a day.
    const [now, then] = await Promise.all([
      ask(span),
      span === undefined ? undefined : ask(before(span, zone, Date.now())),
    ]);
    return { now, before: then };
  });
}

function useSeries({ state, span, tick }: Look): Answer<Series> {
  const { filters, zone, metric, unit } = state;
  const key = JSON.stringify(["series", span, filters, zone, metric, unit]);
  return useAnswer(key, tick, async (signal) => {
    const ask = async (by: Unit): Promise<Series> => {
      const question = seriesQuestion(span, filters, { metric, unit: by, zone });
      const { rows } = await marquee.analytics.queryViews(question, { signal });
      return seriesOf(rows, { metric, unit: by, zone, span }, Date.now());
    };
    if (span !== undefined) return ask(unitFor(span, unit));
    // How much time there is, only its months tell.
    const months = await ask("month");
    const fitting =
      unit === undefined || unit === "hour" ? unitForMonths(months.starts.length) : unit;
    return fitting === "month" ? months : ask(fitting);
  });
}
