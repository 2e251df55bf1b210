import { useId, useMemo, useState } from "preact/hooks";
import { customRange, presets, type Preset, type Span } from "./logic/range.ts";
import { wallTime, zoneName } from "./logic/zone.ts";
import type { Look } from "./look.ts";
import { browserZone } from "./use-state-of-url.ts";

/** Chooses the time that is looked at. */
export function RangeControls({ look }: { look: Look }) {
  const { state, span, go } = look;
  const { range, zone } = state;
  const dates = datesOf(span, zone);
  const set = (from: string, to: string, isFrom: boolean): void => {
    // The other end follows where they would cross.
    const [first, last] = from <= to ? [from, to] : isFrom ? [from, from] : [to, to];
    const custom = customRange(first, last, zone);
    if (custom !== undefined) go({ range: custom, unit: undefined });
  };
  return (
    <>
      <select
        class="field"
        aria-label="Range of time"
        value={range.preset ?? "custom"}
        onChange={({ currentTarget: { value } }) => {
          if (value !== "custom") go({ range: { preset: value as Preset }, unit: undefined });
        }}
      >
        {Object.entries(presets).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
        {range.preset === undefined && <option value="custom">Custom</option>}
      </select>
      <span class="dates">
        <input
          class="field"
          type="date"
          aria-label="From"
          value={dates?.from ?? ""}
          onChange={({ currentTarget: { value } }) => set(value, dates?.to ?? value, true)}
        />
        <span class="muted">to</span>
        <input
          class="field"
          type="date"
          aria-label="To, that day included"
          value={dates?.to ?? ""}
          onChange={({ currentTarget: { value } }) => set(dates?.from ?? value, value, false)}
        />
      </span>
      <ZoneInput zone={zone} onZone={(next) => go({ zone: next })} />
    </>
  );
}

/** The first and the last day of a span. */
function datesOf(span: Span | undefined, zone: string): { from: string; to: string } | undefined {
  if (span === undefined) return undefined;
  const day = (time: number): string => new Date(wallTime(zone, time)).toISOString().slice(0, 10);
  return { from: day(span.start), to: day(span.end - 1) };
}

function ZoneInput({ zone, onZone }: { zone: string; onZone: (zone: string) => void }) {
  const id = useId();
  const [wrong, setWrong] = useState("");
  const names = useMemo(
    () => [...new Set([browserZone(), "UTC", ...Intl.supportedValuesOf("timeZone")])],
    [],
  );
  return (
    <span class="zone">
      <input
        class="field"
        list={id}
        aria-label="Time zone"
        aria-invalid={wrong !== ""}
        aria-describedby={wrong === "" ? undefined : `${id}-wrong`}
        value={wrong || zone}
        // All names are offered, not only the one that is there.
        onFocus={({ currentTarget }) => currentTarget.select()}
        onChange={({ currentTarget: { value } }) => {
          const name = zoneName(value.trim() || browserZone());
          setWrong(name === undefined ? value : "");
          if (name !== undefined) onZone(name);
        }}
      />
      {wrong !== "" && (
        <span id={`${id}-wrong`} class="wrong" role="alert">
          No time zone of the IANA database, such as Europe/Amsterdam.
        </span>
      )}
      <datalist id={id}>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
    </span>
  );
}
