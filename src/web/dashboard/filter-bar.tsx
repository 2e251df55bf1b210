import { useEffect, useRef, useState } from "preact/hooks";
import {
  dimensions,
  loggedValue,
  longest,
  withFilter,
  withoutFilter,
  type DimensionName,
  type Filter,
} from "./logic/filters.ts";
import { valueName, type Look } from "./look.ts";
import { useTitles } from "./use-titles.ts";

/** What views are filtered by, and what adds to it. */
export function FilterBar({ look }: { look: Look }) {
  const { state, go } = look;
  const { filters } = state;
  const titleOf = useTitles(
    filters.filter(({ dimension }) => dimension === "video").map(({ value }) => value),
  );
  const textOf = ({ dimension, property, value }: Filter): [name: string, value: string] => [
    dimension === "property" ? property : dimensions[dimension].name,
    dimension === "video" ? titleOf(value) : valueName(dimension, value),
  ];
  const set = (next: readonly Filter[]): void => go({ filters: next });
  return (
    <fieldset class="filters" aria-label="Filters">
      {filters.map((filter) => {
        const [name, value] = textOf(filter);
        return (
          <span class="chip" key={JSON.stringify(filter)}>
            <span>
              {name}{" "}
              <button
                type="button"
                aria-label={`${name} ${filter.not ? "is not" : "is"} ${value}: turn around`}
                title="Turn around"
                onClick={() =>
                  set(
                    filters.map((other) =>
                      other === filter ? { ...filter, not: !filter.not } : other,
                    ),
                  )
                }
              >
                {filter.not ? "is not" : "is"}
              </button>{" "}
              <strong>{value}</strong>
            </span>
            <button
              type="button"
              class="remove"
              aria-label={`Remove the filter: ${name} ${filter.not ? "is not" : "is"} ${value}`}
              onClick={() => set(withoutFilter(filters, filter))}
            >
              ×
            </button>
          </span>
        );
      })}
      <AddFilter onAdd={(filter) => set(withFilter(filters, filter))} />
      {filters.length > 1 && (
        <button type="button" class="small" onClick={() => set([])}>
          Remove all
        </button>
      )}
    </fieldset>
  );
}

function AddFilter({ onAdd }: { onAdd: (filter: Filter) => void }) {
  const details = useRef<HTMLDetailsElement>(null);
  const [dimension, setDimension] = useState<DimensionName>("country");
  const close = (): void => {
    details.current?.removeAttribute("open");
    details.current?.querySelector("summary")?.focus();
  };
  useEffect(() => {
    const shown = details.current;
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key !== "Escape" || shown?.open !== true) return;
      shown.removeAttribute("open");
      shown.querySelector("summary")?.focus();
    };
    const onPress = ({ target }: Event): void => {
      if (!shown?.contains(target as Node)) shown?.removeAttribute("open");
    };
    shown?.addEventListener("keydown", onKey);
    document.addEventListener("pointerdown", onPress);
    return () => {
      shown?.removeEventListener("keydown", onKey);
      document.removeEventListener("pointerdown", onPress);
    };
  }, []);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const text = (name: string): string => String(fields.get(name) ?? "").trim();
    const value = loggedValue(dimension, text("value"));
    // The form does not let that pass.
    if (value === undefined) return;
    const property = dimension === "property" ? text("property") : "";
    onAdd({ dimension, property, value, not: text("way") === "not" });
    form.reset();
    close();
  };
  return (
    <details class="add" ref={details}>
      <summary class="button">Filter</summary>
      <form class="card" onSubmit={submit}>
        <label>
          <span>What</span>
          <select
            class="field"
            value={dimension}
            onChange={({ currentTarget: { value } }) => setDimension(value as DimensionName)}
          >
            {Object.entries(dimensions).map(([name, { name: label }]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
        {dimension === "property" && (
          <label>
            <span>Name</span>
            <input class="field" name="property" required maxLength={64} placeholder="plan" />
          </label>
        )}
        <label>
          <span>Is or not</span>
          <select class="field" name="way">
            <option value="is">is</option>
            <option value="not">is not</option>
          </select>
        </label>
        <label>
          <span>Value</span>
          <input
            class="field"
            name="value"
            maxLength={longest[dimension]}
            {...(dimension === "country"
              ? { pattern: "[A-Za-z]{2}", title: "The two letters of a country, such as NL" }
              : {})}
            placeholder={placeholders[dimension]}
          />
        </label>
        <p class="muted">Without a value: views that told none.</p>
        <button type="submit" class="button primary">
          Add
        </button>
      </form>
    </details>
  );
}

const placeholders: Readonly<Record<DimensionName, string>> = {
  video: "its name or id",
  country: "NL",
  device: "phone",
  referrer: "example.org",
  property: "free",
};
