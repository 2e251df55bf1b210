import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Bars } from "./bars.tsx";
import { chosenOf, picker, SHOWN } from "./breakdown.tsx";
import { marquee } from "./client.ts";
import { change, duration } from "./logic/format.ts";
import { trendWindow } from "./logic/trend.ts";
import type { Look } from "./look.ts";
import { CsvButton, Panel } from "./panel.tsx";
import { useAnswer } from "./use-answer.ts";
import { useTitles } from "./use-titles.ts";

/** The videos whose views grow: always up to now, and whatever is filtered by. */
export function Trending({ look }: { look: Look }) {
  const seconds = trendWindow(look.span);
  const answer = useAnswer(`trending ${seconds}`, look.tick, async (signal) => {
    const window = durationFromMs(seconds * 1_000);
    const { videos } = await marquee.analytics.listTrendingVideos(
      { window, maxResults: SHOWN },
      { signal },
    );
    return videos;
  });
  const names = (answer.data ?? []).map(({ videoName }) => videoName);
  const titleOf = useTitles(names);
  const window = seconds === 86_400 ? "24 h" : duration(seconds * 1_000).replace(" d", " days");
  return (
    <Panel
      title="Trending"
      note={`last ${window}${look.state.filters.length > 0 ? ", all views" : ""}`}
      answer={answer}
      actions={
        <CsvButton
          of="Trending"
          table={() => ({
            name: "trending",
            columns: ["video", "title", "views", "previous_views", "score"],
            rows: (answer.data ?? []).map(({ videoName, views, previousViews, score }) => [
              ...[videoName, titleOf(videoName)],
              ...[Number(views), Number(previousViews), score],
            ]),
          })}
        />
      }
    >
      {(videos) => (
        <Bars
          bars={videos.map(({ videoName, views, previousViews }) => ({
            value: videoName,
            label: titleOf(videoName),
            views: Number(views),
            note: change(Number(views), Number(previousViews))?.text ?? "",
          }))}
          total={undefined}
          chosen={chosenOf(look.state.filters, "video")}
          onPick={picker(look, "video")}
          none="Nothing has more views than in the time before."
        />
      )}
    </Panel>
  );
}
