import { useEffect, useRef, useState } from "preact/hooks";
import { fits, unitFor, units, type Unit } from "./logic/buckets.ts";
import { isoTime } from "./logic/csv.ts";
import { bucketName, quantity, spanText } from "./logic/format.ts";
import { metrics } from "./logic/metrics.ts";
import { earlier, later, rangeOfSpan, type Span } from "./logic/range.ts";
import { seriesQuestion } from "./logic/questions.ts";
import { seriesOf, unitForMonths, type Series } from "./logic/series.ts";
import { covered, zoomedIn, zoomedOut, zoomedTo } from "./logic/zoom.ts";
import type { Chart } from "./chart.ts";
import { marquee } from "./client.ts";
import type { Look } from "./look.ts";
import { CsvButton, Panel, type Table } from "./panel.tsx";
import { useAnswer, type Answer } from "./use-answer.ts";
import { useLatest } from "../use-latest.ts";

/** A figure over time, with what changes the time. */
export function SeriesPanel({ look }: { look: Look }) {
  const { state, go, span } = look;
  const { range, zone, unit } = state;
  const answer = useSeries(look);
  const { data } = answer;
  const onSpan = (next: Span): void => go({ range: rangeOfSpan(next, zone), unit: undefined });
  return (
    <Panel
      title={data === undefined ? "Over time" : `${metrics[data.metric].label} over time`}
      class="series"
      note={span === undefined ? "All time" : spanText(span, zone, range)}
      answer={answer}
      actions={
        data !== undefined && (
          <>
            <ZoomButtons series={answer.isPending ? undefined : data} look={look} onSpan={onSpan} />
            <select
              class="small"
              aria-label="Length of the steps in time"
              // One that is too fine for the range gave way to another.
              value={answer.isPending || data.unit === unit ? (unit ?? "") : ""}
              onChange={({ currentTarget: { value } }) =>
                go({ unit: value === "" ? undefined : (value as Unit) })
              }
            >
              <option value="">Auto ({data.unit})</option>
              {units.map((name) => (
                <option key={name} value={name} disabled={!isPossible(name, data)}>
                  {name[0]?.toUpperCase()}
                  {name.slice(1)}
                </option>
              ))}
            </select>
            <CsvButton of="over time" table={() => tableOf(data)} />
          </>
        )
      }
    >
      {(series) => <Plot series={series} onSpan={onSpan} />}
    </Panel>
  );
}

function isPossible(unit: Unit, series: Series): boolean {
  const span = covered(series);
  return span === undefined || fits(unit, span);
}

/**
 * From the time that was asked for last, whether or not the chart shows it yet: who
 * presses twice means twice. Only zooming in goes by what is shown.
 */
function ZoomButtons({
  series,
  look: { span, now, state },
  onSpan,
}: {
  /** Undefined while it is asked for. */
  series: Series | undefined;
  look: Look;
  onSpan: (span: Span) => void;
}) {
  const { zone } = state;
  const steps = [
    ["Earlier", "‹", span && earlier(span, zone)],
    ["Later", "›", span && span.end <= now ? later(span, zone) : undefined],
    ["Zoom in", "+", series === undefined ? "waits" : zoomedIn(series)],
    ["Zoom out", "−", span && zoomedOut(span, zone, now)],
  ] as const;
  return (
    <fieldset class="steps" aria-label="Time">
      {steps.map(([name, sign, target]) => (
        <button
          key={name}
          type="button"
          class="small"
          aria-label={name}
          title={name}
          disabled={target === undefined}
          onClick={() => typeof target === "object" && onSpan(target)}
        >
          {sign}
        </button>
      ))}
    </fieldset>
  );
}

function Plot({ series, onSpan }: { series: Series; onSpan: (span: Span) => void }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  const [point, setPoint] = useState<number | undefined>(undefined);
  const latest = useLatest({ series, onSpan });

  useEffect(() => {
    let isEnded = false;
    // Its library is larger than the rest of the page: figures need not wait for it.
    void import("./chart.ts").then(({ Chart: Drawn }) => {
      if (isEnded || host.current === null) return;
      chart.current = new Drawn(host.current, {
        onPoint: setPoint,
        onZoom: (drawn, from, to) => {
          const span = zoomedTo(drawn, from, to);
          if (span !== undefined) latest.current.onSpan(span);
        },
      });
      chart.current.show(latest.current.series);
    });
    return () => {
      isEnded = true;
      chart.current?.end();
    };
  }, [latest]);
  useEffect(() => {
    setPoint(undefined);
    chart.current?.show(series);
  }, [series]);

  return (
    <>
      <Readout series={series} point={point} />
      <div ref={host} class="plot" aria-hidden="true" />
      <SeriesTable series={series} />
    </>
  );
}

/** What the pointer is at; else what the lines are. */
function Readout({ series, point }: { series: Series; point: number | undefined }) {
  const { metric, unit, zone, starts, values, previous } = series;
  const start = point === undefined ? undefined : starts[point];
  const { quantity: kind } = metrics[metric];
  const hasPrevious = previous.length > 0;
  if (point === undefined || start === undefined) {
    return (
      <p class="readout muted" aria-hidden="true">
        <span class="key now" /> this period
        {hasPrevious && (
          <>
            <span class="key then" /> the period before
          </>
        )}
        <span class="hint">Drag to zoom</span>
      </p>
    );
  }
  return (
    <p class="readout" aria-hidden="true">
      <span class="muted">{bucketName(unit, zone, true)(start)}</span>
      <span class="key now" /> <strong>{quantity(kind, values[point])}</strong>
      {hasPrevious && (
        <>
          <span class="key then" /> {quantity(kind, previous[point])}
        </>
      )}
    </p>
  );
}

/** The same as a table, which is made once it is opened. */
function SeriesTable({ series }: { series: Series }) {
  const [isOpen, setOpen] = useState(false);
  const { metric, unit, zone, starts, values, previous } = series;
  const { label, quantity: kind } = metrics[metric];
  const name = bucketName(unit, zone, true);
  return (
    <details class="table" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">{label}</th>
                {previous.length > 0 && <th scope="col">Period before</th>}
              </tr>
            </thead>
            <tbody>
              {starts.map((start, index) => (
                <tr key={start}>
                  <th scope="row">{name(start)}</th>
                  <td>{quantity(kind, values[index])}</td>
                  {previous.length > 0 && <td>{quantity(kind, previous[index])}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

function tableOf({ metric, unit, starts, values, previous }: Series): Table {
  const { quantity: kind } = metrics[metric];
  const name = kind === "duration" ? `${metric}_seconds` : metric;
  const cell = (value: number | undefined): number | undefined =>
    kind === "duration" ? value && value / 1_000 : value;
  return {
    name: `${metric}-by-${unit}`,
    columns: ["start_time", name, `previous_${name}`],
    rows: starts.map((start, index) => [
      isoTime(start),
      cell(values[index]),
      cell(previous[index]),
    ]),
  };
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
