import type { EvaluatedMetric, Evaluation } from "../../../gen/recommendations/v1/evaluation_pb.js";
import { aboutLines, digits, isClear, metricName } from "./describe.ts";

/**
 * The colours of Okabe and Ito ("Color universal design", 2008) that tell from
 * each other whatever one's sight, and from white by 3:1. Each method has a shape
 * too, and its name beside it.
 */
const COLOURS = ["#0072b2", "#b85c00", "#007a5e"];
const TEXT = "#1a1a1a";
const FAINT = "#595959";

const NOTE =
  "The line of a mark is where it is with 95 % confidence; the grey line is 0. ~: no clear difference to the model.";

const WIDTH = 760;
const LEFT = 100;
const RIGHT = 190;
const TOP = 104;
/** The heights of a row, and of what is around the rows of a figure. */
const ROW = 20;
const PANEL = 44;

/**
 * A chart of an evaluation: a self-contained SVG with a panel for each figure,
 * and in it a mark for each method, on a line from where to where it may be.
 *
 * @param title what was evaluated.
 */
export function chartOf(evaluation: Evaluation, title: string): string {
  const { methods } = evaluation;
  const height = PANEL + ROW * methods.length;
  const metrics = methods[0]?.metrics ?? [];
  const bottom = TOP + metrics.length * height;
  const total = bottom + 36;
  const panels = metrics.map((metric, index) =>
    panel(
      metricName(metric),
      methods.map(({ name, metrics: own }) => ({ name, metric: own[index] as EvaluatedMetric })),
      TOP + index * height,
    ),
  );
  const about = aboutLines(evaluation).map((line) => line.replace(/ {2,}/, ": "));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" role="img" aria-labelledby="title about" font-family="system-ui, sans-serif" font-size="13" fill="${TEXT}">`,
    `<title id="title">How well methods rank: ${escaped(title)}</title>`,
    `<desc id="about">${escaped(`${about.join("; ")}. ${inWords(evaluation)}`)}</desc>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="16" y="28" font-size="18" font-weight="600">${escaped(title)}</text>`,
    ...about.map((line, index) =>
      text(16, 48 + 16 * index, escaped(line), ` fill="${FAINT}" font-size="12"`),
    ),
    ...panels,
    text(16, bottom + 20, NOTE, ` fill="${FAINT}" font-size="12"`),
    `</svg>`,
    "",
  ].join("\n");
}

interface Point {
  readonly name: string;
  readonly metric: EvaluatedMetric;
}

function panel(title: string, points: readonly Point[], top: number): string {
  const values = points.flatMap(({ metric: { value, low, high } }) => [value, low, high]);
  const known = values.filter((value) => value !== undefined);
  const low = Math.min(0, ...known);
  const high = Math.max(1e-9, ...known);
  const x = (value: number): number =>
    LEFT + ((value - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const bottom = top + 26 + ROW * points.length;
  const rows = points.map(({ name, metric }, index) => {
    const y = top + 36 + ROW * index;
    const colour = COLOURS[index % COLOURS.length] as string;
    const whisker =
      metric.low === undefined || metric.high === undefined
        ? ""
        : `<path d="M${at(x(metric.low))} ${y}H${at(x(metric.high))}M${at(x(metric.low))} ${y - 4}v8M${at(x(metric.high))} ${y - 4}v8" stroke="${colour}" stroke-width="1.5" fill="none"/>`;
    const range =
      metric.low === undefined || metric.high === undefined
        ? ""
        : ` [${digits(metric.low)}, ${digits(metric.high)}]`;
    return [
      text(LEFT - 10, y + 4, escaped(name), ` text-anchor="end"`),
      whisker,
      mark(index, x(metric.value), y, colour),
      text(
        WIDTH - RIGHT + 14,
        y + 4,
        `${digits(metric.value)}${range}${isClear(metric) ? "" : " ~"}`,
        ` style="font-variant-numeric:tabular-nums" font-size="12"`,
      ),
    ].join("");
  });
  return [
    text(16, top + 16, escaped(title), ` font-weight="600"`),
    `<path d="M${at(x(0))} ${top + 26}V${bottom}" stroke="#8a8a8a" stroke-width="1"/>`,
    ...rows,
  ].join("\n");
}

/** A circle, a square or a triangle. */
function mark(index: number, x: number, y: number, colour: string): string {
  switch (index % 3) {
    case 0:
      return `<circle cx="${at(x)}" cy="${y}" r="5" fill="${colour}"/>`;
    case 1:
      return `<rect x="${at(x - 4.5)}" y="${y - 4.5}" width="9" height="9" fill="${colour}"/>`;
    default:
      return `<path d="M${at(x)} ${y - 5.5}l5.5 10h-11z" fill="${colour}"/>`;
  }
}

/** The figures in words, for those who do not see them. */
function inWords({ methods }: Evaluation): string {
  return methods
    .map(({ name, metrics }) => {
      const figures = metrics.map((metric) => `${metricName(metric)} ${digits(metric.value)}`);
      return `${name}: ${figures.join(", ")}.`;
    })
    .join(" ");
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}"${attributes}>${content}</text>`;
}

function at(value: number): string {
  return value.toFixed(1);
}

function escaped(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
