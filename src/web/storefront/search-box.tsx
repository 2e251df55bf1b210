import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Cover } from "../covers/cover.tsx";
import { debounce } from "./debounce.ts";
import type { CardItem } from "./item-card.tsx";
import { marquee } from "./marquee.ts";
import { go } from "./navigation.ts";
import { activeAfter } from "./suggestions.ts";
import { counted, listOfNames } from "./words.ts";

const PAUSE_MS = 150;
const MOST = 6;
/** The bound of the contract. */
const LONGEST = 256;

const optionId = (at: number): string => `suggestion-${at}`;

/**
 * Finds items as one types: a combobox with the best few, and a page with all
 * of them after Enter.
 */
export function SearchBox({
  query,
  entry,
}: {
  /** What the page shows the results of; "" of other pages. */
  query: string;
  /** Which entry of the history the page is: with another one, what was typed is gone. */
  entry: string;
}) {
  const [text, setText] = useState(query);
  const [found, setFound] = useState<readonly CardItem[]>([]);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const box = useRef<HTMLFormElement>(null);
  const search = useMemo(
    () =>
      debounce((signal, typed: string) => {
        marquee.catalog.searchItems({ query: typed, pageSize: MOST }, { signal }).then(
          ({ items }) => {
            if (signal.aborted) return;
            setFound(items);
            setActive(-1);
            setOpen(true);
          },
          // Suggestions are an extra; the page of results says what is wrong.
          () => undefined,
        );
      }, PAUSE_MS),
    [],
  );
  const close = useCallback((): void => {
    search.cancel();
    setOpen(false);
    setActive(-1);
  }, [search]);
  useEffect(() => {
    setText(query);
    close();
  }, [query, entry, close]);
  useEffect(() => () => search.cancel(), [search]);

  const type = (typed: string): void => {
    setText(typed);
    if (typed.trim() !== "") return search.call(typed);
    close();
    return setFound([]);
  };
  const open = (item: CardItem): void => {
    close();
    setText("");
    go({ page: "item", id: item.id });
  };
  const submit = (): void => {
    const chosen = found[active];
    if (isOpen && chosen !== undefined) return open(chosen);
    close();
    if (text.trim() !== "") go({ page: "search", query: text.trim() });
    return undefined;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      if (isOpen) close();
      else type("");
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (isOpen) setActive(activeAfter(event.key, active, found.length));
    else if (found.length > 0) setOpen(true);
  };
  const isShown = isOpen && found.length > 0;
  return (
    <form
      class="search"
      role="search"
      ref={box}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onFocusOut={({ relatedTarget }) => {
        if (!box.current?.contains(relatedTarget as Node | null)) close();
      }}
    >
      <input
        class="field"
        type="search"
        // oxlint-disable-next-line jsx-a11y/no-redundant-roles -- without a list it is a searchbox
        role="combobox"
        list={undefined}
        aria-label="Search titles, names and categories"
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls="suggestions"
        aria-activedescendant={isShown && active >= 0 ? optionId(active) : undefined}
        placeholder="Search"
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="search"
        maxLength={LONGEST}
        value={text}
        onInput={({ currentTarget }) => type(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div id="suggestions" role="listbox" aria-label="Suggestions" class="card" hidden={!isShown}>
        {found.map((item, at) => (
          <button
            key={item.id}
            id={optionId(at)}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={at === active}
            // The field keeps the focus.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => open(item)}
          >
            <Cover item={item} />
            <span>
              <span class="item-title">{item.title}</span>
              <span class="item-creators">{listOfNames(item.creators)}</span>
            </span>
          </button>
        ))}
      </div>
      <p class="visually-hidden" role="status">
        {isOpen && counted(found.length, "suggestion")}
      </p>
    </form>
  );
}
