import type { ComponentChildren } from "preact";
import { count, exactCount, share } from "./logic/format.ts";

/** A value, and how many views have it. */
export interface Bar {
  readonly value: string;
  readonly label: string;
  readonly views: number;
  /** What stands at its end instead of its share. */
  readonly note?: string;
}

interface BarsProps {
  readonly bars: readonly Bar[];
  /** How many views there are in all; undefined where that is not known. */
  readonly total: number | undefined;
  /** The values that are filtered by. */
  readonly chosen: ReadonlySet<string>;
  readonly onPick: (value: string) => void;
  /** What is said where there is none. */
  readonly none: ComponentChildren;
}

/** Values with their views, and bars behind them. */
export function Bars({ bars, total, chosen, onPick, none }: BarsProps) {
  if (bars.length === 0) return <p class="muted empty">{none}</p>;
  const most = Math.max(1, ...bars.map(({ views }) => views));
  return (
    <ol class="bars">
      {bars.map(({ value, label, views, note }) => {
        // The total may be a moment older.
        const part =
          note ?? (total === undefined || total === 0 ? "" : share(Math.min(1, views / total)));
        return (
          <li key={value}>
            <button
              type="button"
              aria-pressed={chosen.has(value)}
              style={{ "--part": `${(100 * views) / most}%` }}
              onClick={() => onPick(value)}
              title={label === value ? value : `${label} (${value || "none"})`}
            >
              <span class="label">{label}</span>
              <span class="number" title={exactCount(views)}>
                {count(views)}
              </span>
              <span class="part muted">{part}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
