import { useEffect, useId, useState } from "preact/hooks";
import type { Item } from "../../../gen/catalog/v1/item_pb.js";
import type { RetentionPoint } from "../../../gen/analytics/v1/retention_pb.js";
import { marquee } from "./client.ts";
import { hasMoreThanVideos } from "./logic/filters.ts";
import { intervalOf } from "./logic/questions.ts";
import { count, share } from "./logic/format.ts";
import type { Look } from "./look.ts";
import { CsvButton, Panel } from "./panel.tsx";
import { useAnswer } from "./use-answer.ts";
import { useTitles } from "./use-titles.ts";

/** How far into a video its views got. */
export function Retention({ look, video }: { look: Look; video: string }) {
  const { span, tick, go } = look;
  const titleOf = useTitles([video]);
  const answer = useAnswer(JSON.stringify(["retention", video, span]), tick, async (signal) => {
    if (video === "") return { video, points: [], told: 0, views: 0 };
    const request = { videoName: video, ...intervalOf(span) };
    const [{ points, views: told }, { views }] = await Promise.all([
      marquee.analytics.getAudienceRetention(request, { signal }),
      marquee.analytics.getViewStats(request, { signal }),
    ]);
    return { video, points, told: Number(told), views: Number(views) };
  });
  return (
    <Panel
      title="Retention"
      note={video === "" ? "" : titleOf(video)}
      class="retention"
      answer={answer}
      actions={
        <>
          {look.state.video !== "" && (
            <button
              type="button"
              class="small"
              aria-label="Retention of the top video again"
              onClick={() => go({ video: "" })}
            >
              Top
            </button>
          )}
          <CsvButton
            of="Retention"
            table={() => ({
              name: "retention",
              columns: ["video", "progress", "views", "share"],
              rows: (answer.data?.points ?? []).map((point) => [
                ...[answer.data?.video, point.progress, Number(point.views), point.share],
              ]),
            })}
          />
        </>
      }
    >
      {({ video: answered, points, told, views }) => (
        <>
          <VideoSearch onVideo={(name) => go({ video: name })} />
          {hasMoreThanVideos(look.state.filters) && (
            <p class="muted note">Of all its views: filters do not apply here.</p>
          )}
          {points.length === 0 ? (
            <p class="muted empty">
              {answered === ""
                ? "No video was viewed in this range."
                : "No view of this video told how far it got (progress)."}
            </p>
          ) : (
            <>
              <Curve points={points} />
              <p class="muted note">
                {count(told)} of {count(views)} views told how far they got.
              </p>
            </>
          )}
        </>
      )}
    </Panel>
  );
}

const WIDTH = 300;
const HEIGHT = 110;

function Curve({ points }: { points: readonly RetentionPoint[] }) {
  const [at, setAt] = useState<number | undefined>(undefined);
  const line = points
    .map(({ progress, share: part }) => `${progress * WIDTH},${HEIGHT - part * HEIGHT}`)
    .join(" ");
  const quarters = [25, 50, 75, 95].flatMap((percent) => points[percent] ?? []);
  const point = at === undefined ? undefined : points[at];
  return (
    <>
      <svg
        viewBox={`0 -4 ${WIDTH} ${HEIGHT + 8}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onPointerMove={({ currentTarget, clientX }) => {
          const { left, width } = currentTarget.getBoundingClientRect();
          const last = points.length - 1;
          setAt(Math.max(0, Math.min(last, Math.round(((clientX - left) / width) * last))));
        }}
        onPointerLeave={() => setAt(undefined)}
      >
        {[0, 0.5, 1].map((part) => (
          <line key={part} class="grid" x1="0" x2={WIDTH} y1={part * HEIGHT} y2={part * HEIGHT} />
        ))}
        <polygon class="area" points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
        <polyline class="line" points={line} />
        {point !== undefined && (
          <line
            class="at"
            x1={point.progress * WIDTH}
            x2={point.progress * WIDTH}
            y1="0"
            y2={HEIGHT}
          />
        )}
      </svg>
      <dl class="quarters" aria-label="Share of views that got to a point">
        {(point === undefined ? quarters : [point]).map(({ progress, share: part }) => (
          <div key={progress}>
            <dt class="muted">{point ? `at ${share(progress)} of it` : share(progress)}</dt>
            <dd>{share(part)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** Chooses a video by its name, or by words that the catalog knows it by. */
function VideoSearch({ onVideo }: { onVideo: (name: string) => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const [items, setItems] = useState<readonly Item[]>([]);
  useEffect(() => {
    const query = text.trim();
    if (query === "") return;
    const end = new AbortController();
    const timer = setTimeout(() => {
      marquee.catalog
        .searchItems({ query: query.slice(0, 200), pageSize: 8 }, { signal: end.signal })
        .then(
          (answer) => setItems(answer.items),
          // A name can be typed all the same.
          () => setItems([]),
        );
    }, 250);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [text]);
  return (
    <>
      <input
        class="field search"
        type="search"
        list={id}
        maxLength={256}
        placeholder="Another video…"
        aria-label="Video whose retention is shown: its name, or a word of its title"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onChange={({ currentTarget: { value } }) => {
          if (value.trim() === "") return;
          onVideo(value.trim());
          setText("");
        }}
      />
      <datalist id={id}>
        {items.map((item) => (
          <option key={item.id} value={item.id}>
            {item.title}
          </option>
        ))}
      </datalist>
    </>
  );
}
