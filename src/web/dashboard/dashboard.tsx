import { useMemo, useState } from "preact/hooks";
import { Breakdown } from "./breakdown.tsx";
import { RangeControls } from "./controls.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { LivePanel } from "./live.tsx";
import { onlyVideo } from "./logic/filters.ts";
import { resolve } from "./logic/range.ts";
import { valueName, type Look } from "./look.ts";
import { ModelPanel } from "./model.tsx";
import { Retention } from "./retention.tsx";
import { SeriesPanel } from "./series.tsx";
import { TotalsPanel } from "./totals.tsx";
import { Trending } from "./trending.tsx";
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
  // What failed while the server was gone is asked again when it is back.
  const tick = useRefresh(live.live?.position, hasNow) + live.returns;
  const look: Look = { state, go, span, now, tick };
  return (
    <main id="main" class="dashboard">
      <h1 class="visually-hidden">Dashboard</h1>
      <LivePanel state={live} />
      {live.live?.views === 0 ? <Welcome /> : <Panels look={look} />}
      <ModelPanel returns={live.returns} />
    </main>
  );
}

/** What may be done where no view is what is looked for. */
function Nothing({ look: { state, go } }: { look: Look }) {
  const { filters, range } = state;
  return (
    <section class="card nothing" aria-label="No views">
      <p>{filters.length > 0 ? "No view passes these filters" : "No views"} in this range.</p>
      {filters.length > 0 && (
        <button type="button" class="button" onClick={() => go({ filters: [] })}>
          Remove the filters
        </button>
      )}
      {range.preset !== "all" && (
        <button type="button" class="button" onClick={() => go({ range: { preset: "all" } })}>
          Look at all time
        </button>
      )}
    </section>
  );
}

function Panels({ look }: { look: Look }) {
  const { state } = look;
  const [total, setTotal] = useState<number | undefined>(undefined);
  const [topVideos, setTopVideos] = useState<readonly string[]>([]);
  const titleOf = useTitles(topVideos);
  const parts = { look, total };
  const video = state.video || (onlyVideo(state.filters) ?? topVideos[0] ?? "");
  return (
    <>
      <div class="controls">
        <RangeControls look={look} />
        <FilterBar look={look} />
      </div>
      {/* What stands first is asked first. */}
      <TotalsPanel look={look} onViews={setTotal} />
      {total === 0 && <Nothing look={look} />}
      <SeriesPanel look={look} />
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
