import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { search, type Entry } from "../search.ts";

/** Finds services, methods, types and fields while one types. "/" brings one here. */
export function SearchBox({ index }: { index: readonly Entry[] }) {
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const found = useMemo(() => search(index, query), [index, query]);
  const isOpen = query.trim() !== "";

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { tagName = "", isContentEditable = false } = (event.target ?? {}) as HTMLElement;
      const isTyping = /^(?:INPUT|TEXTAREA|SELECT)$/.test(tagName) || isContentEditable;
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active, id]);

  const go = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    setQuery("");
    input.current?.blur();
    location.hash = entry.hash;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setActive((active + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      go(found[active]);
    } else if (event.key === "Escape") {
      setQuery("");
    }
  };

  return (
    <search class="search">
      <label class="visually-hidden" htmlFor={id}>
        Search services, methods, types and fields
      </label>
      <input
        ref={input}
        id={id}
        class="field"
        type="search"
        // oxlint-disable-next-line jsx-a11y/no-redundant-roles -- it has no list of its own
        role="combobox"
        list={undefined}
        placeholder="Search   /"
        autocomplete="off"
        spellcheck={false}
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && found.length > 0 ? `${id}-${active}` : undefined}
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <p class="visually-hidden" role="status">
        {isOpen ? `${found.length} found` : ""}
      </p>
      <div id={`${id}-list`} class="found card" role="listbox" aria-label="Found" hidden={!isOpen}>
        {found.map((entry, at) => (
          <div
            key={entry.hash}
            id={`${id}-${at}`}
            class="option"
            role="option"
            aria-selected={at === active}
            onMouseMove={() => setActive(at)}
            onClick={() => go(entry)}
          >
            <span>
              <strong>{entry.name}</strong> <small class="muted">{entry.kind}</small>
            </span>
            <small class="muted">
              {entry.within}
              {entry.within !== "" && entry.summary !== "" ? " · " : ""}
              {entry.summary}
            </small>
          </div>
        ))}
        {found.length === 0 && <p class="muted option">Nothing is called so, or tells of it.</p>}
      </div>
    </search>
  );
}
