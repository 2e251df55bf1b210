import { countryName } from "./logic/format.ts";
import type { DimensionName } from "./logic/filters.ts";
import type { Span } from "./logic/range.ts";
import type { State } from "./logic/state.ts";
import type { Go } from "./use-state-of-url.ts";

/** What all panels look at. */
export interface Look {
  readonly state: State;
  readonly go: Go;
  /** The range now; undefined for all time. */
  readonly span: Span | undefined;
  /** The time, to the minute or so. */
  readonly now: number;
  /** Grows when there is something newer to ask for. */
  readonly tick: number;
}

/** What a value is called, of dimensions whose values have names of their own. */
export function valueName(dimension: Exclude<DimensionName, "video">, value: string): string {
  if (dimension === "country") return value === "" ? "Unknown" : countryName(value);
  if (dimension === "device") return value === "" ? "Unknown" : value;
  if (dimension === "referrer") return value === "" ? "Direct or unknown" : value;
  return value === "" ? "(none)" : value;
}
