import { durationMs } from "@bufbuild/protobuf/wkt";
import type { LiveCounts } from "../../gen/analytics/v1/live_pb.js";
import { count, span } from "./format.ts";
import { print } from "./output.ts";
import { table, terminalWidth, visible } from "./table.ts";

/** Shows counts that change. */
export interface WatchView {
  /** These counts are new, or have changed. */
  show(counts: readonly LiveCounts[]): void;
}

/** A table that changes in place on a terminal; elsewhere, a line for each change. */
export function openView(): WatchView {
  return process.stdout.isTTY ? new LiveTable() : new ChangeLines();
}

class LiveTable implements WatchView {
  readonly #counts = new Map<string, LiveCounts>();
  #lines = 0;

  show(counts: readonly LiveCounts[]): void {
    for (const one of counts) this.#counts.set(one.videoName, one);
    if (counts.length === 0) return;
    // The titles, what is left out and the line of the cursor need room, too.
    const room = Math.max(1, process.stdout.rows - 3);
    const shown = [...this.#counts.values()].slice(0, room);
    const hidden = this.#counts.size - shown.length;
    const text = [
      table(
        [
          { title: "VIDEO", cut: true },
          { title: "VIEWS", align: "right" },
          { title: "VIEWERS", align: "right" },
          { title: "NOW", align: "right" },
          { title: "WATCHED", align: "right" },
        ],
        shown.map((one) => [nameOf(one), ...numbersOf(one)]),
        terminalWidth(),
      ),
      ...(hidden > 0 ? [`and ${count(hidden)} more`] : []),
    ].join("\n");
    // Up to the first line of the table, and away with what is there.
    const back = this.#lines > 0 ? `\u001b[${this.#lines}F\u001b[J` : "";
    print(back + text);
    this.#lines = text.split("\n").length;
  }
}

class ChangeLines implements WatchView {
  readonly #lines = new Map<string, string>();

  show(counts: readonly LiveCounts[]): void {
    for (const one of counts) {
      const [views, viewers, now, watched] = numbersOf(one);
      const name = visible(nameOf(one));
      const line = `${name}: views ${views}, viewers ${viewers}, now ${now}, watched ${watched}`;
      // A server that is back tells again what is known.
      if (this.#lines.get(one.videoName) === line) continue;
      this.#lines.set(one.videoName, line);
      print(line);
    }
  }
}

function nameOf({ videoName }: LiveCounts): string {
  return videoName === "" ? "(all videos)" : videoName;
}

function numbersOf(counts: LiveCounts): [string, string, string, string] {
  const { views, uniqueViewers, currentViewers, watchDuration } = counts;
  return [
    count(views),
    count(uniqueViewers),
    count(currentViewers),
    span(watchDuration === undefined ? 0 : durationMs(watchDuration)),
  ];
}
