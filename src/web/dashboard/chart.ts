import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { axisUnit, bucketName, countSteps } from "./logic/format.ts";
import { metrics } from "./logic/metrics.ts";
import type { Series } from "./logic/series.ts";

/** What a chart tells of. */
export interface ChartEvents {
  /** Two places of the series that is drawn were chosen by dragging from one to the other. */
  onZoom(drawn: Series, from: number, to: number): void;
  /** The pointer is at a place; undefined where it has left. */
  onPoint(index: number | undefined): void;
}

/**
 * Draws a series; drawn anew when its element or the theme changes. While
 * somebody drags, it stays as it is.
 */
export class Chart {
  readonly #host: HTMLElement;
  readonly #events: ChartEvents;
  readonly #ends: (() => void)[] = [];
  #plot: uPlot | undefined;
  #series: Series | undefined;
  #isDragged = false;
  #isOld = false;

  constructor(host: HTMLElement, events: ChartEvents) {
    this.#host = host;
    this.#events = events;
    const draw = (): void => this.#draw();
    const resize = new ResizeObserver(() => this.#plot?.setSize(this.#size()));
    resize.observe(host);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", draw);
    const press = (): void => {
      this.#isDragged = true;
    };
    const release = (): void => {
      // After the chart itself was told.
      setTimeout(() => {
        this.#isDragged = false;
        if (this.#isOld) this.#draw();
      });
    };
    host.addEventListener("mousedown", press);
    addEventListener("mouseup", release);
    this.#ends.push(
      () => removeEventListener("mouseup", release),
      () => resize.disconnect(),
      () => theme.disconnect(),
      () => system.removeEventListener("change", draw),
    );
  }

  show(series: Series): void {
    this.#series = series;
    this.#draw();
  }

  end(): void {
    for (const end of this.#ends) end();
    this.#series = undefined;
    this.#plot?.destroy();
  }

  #size(): { width: number; height: number } {
    return { width: this.#host.clientWidth, height: this.#host.clientHeight };
  }

  #draw(): void {
    this.#isOld = this.#isDragged;
    if (this.#isOld || this.#series === undefined) return;
    this.#plot?.destroy();
    this.#plot = new uPlot(
      { ...this.#size(), ...optionsOf(this.#series, this.#host, this.#events) },
      dataOf(this.#series),
      this.#host,
    );
  }
}

/** Buckets stand at equal distances, whatever their lengths: their numbers are the x axis. */
function dataOf({ starts, values, previous, metric }: Series): uPlot.AlignedData {
  const { length } = axisOf(values, previous, metric);
  const scaled = (value: number | undefined): number | undefined => value && value / length;
  return [
    starts.map((_, index) => index),
    values.map(scaled),
    starts.map((_, index) => scaled(previous[index])),
  ];
}

function axisOf(
  values: Series["values"],
  previous: Series["previous"],
  metric: Series["metric"],
): { unit: string; length: number } {
  let largest = 0;
  for (const value of [...values, ...previous]) largest = Math.max(largest, value ?? 0);
  return axisUnit(metrics[metric].quantity, largest);
}

const number = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

function optionsOf(
  series: Series,
  host: HTMLElement,
  events: ChartEvents,
): Omit<uPlot.Options, "width" | "height"> {
  const { starts, values, previous, metric, unit, zone } = series;
  const colour = coloursOf(host);
  const axis = axisOf(values, previous, metric);
  const isCount = metrics[metric].quantity === "count";
  const name = bucketName(unit, zone, false);
  const last = starts.length - 1;
  const margin = last === 0 ? 0.5 : 0;
  const font = `12px ${getComputedStyle(host).fontFamily}`;
  const isSparse = starts.length <= 45;
  return {
    legend: { show: false },
    padding: [8, 24, 0, 0],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 8, fill: colour("--accent"), width: 0 },
    },
    scales: {
      x: { time: false, range: () => [-margin, last + margin] },
      y: { range: (_, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        font,
        stroke: colour("--muted"),
        grid: { show: false },
        ticks: { show: false },
        size: 30,
        space: unit === "hour" ? 56 : 72,
        incrs: unit === "hour" ? [1, 2, 3, 6, 12, 24, 48, 120, 240] : [1, 2, 4, 7, 14, 28, 91, 365],
        values: (_, splits) =>
          splits.map((index) => {
            const start = starts[index];
            return start === undefined ? "" : name(start);
          }),
      },
      {
        font,
        stroke: colour("--muted"),
        grid: { stroke: colour("--line"), width: 1 },
        ticks: { show: false },
        size: 58,
        space: 32,
        ...(isCount ? { incrs: [...countSteps] } : {}),
        values: (_, splits) => splits.map((value) => `${number.format(value)}${axis.unit}`),
      },
    ],
    series: [
      {},
      {
        stroke: colour("--accent"),
        fill: colour("--accent-soft"),
        width: 2,
        points: { show: isSparse, size: 5, fill: colour("--accent") },
      },
      { stroke: colour("--muted"), dash: [3, 5], width: 1.5, points: { show: false } },
    ],
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          const at = (x: number): number => Math.round(plot.posToVal(x, "x"));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (width >= 5) events.onZoom(series, at(left), at(left + width));
        },
      ],
      setCursor: [(plot) => events.onPoint(plot.cursor.idx ?? undefined)],
    },
  };
}

/** What a variable of the theme is here and now: a canvas knows no variables. */
function coloursOf(host: HTMLElement): (variable: string) => string {
  return (variable) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${variable})`;
    host.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
