import { Categories } from "./categories.tsx";
import { ItemGrid } from "./item-grid.tsx";
import { marquee } from "./marquee.ts";
import { Heading, Status } from "./parts.tsx";
import { usePages } from "./use-pages.ts";
import { counted } from "./words.ts";

/** What a search found, page by page. */
export function SearchPage({ query }: { query: string }) {
  const pages = usePages(JSON.stringify(["search", query]), async (pageToken, signal) => {
    if (query.trim() === "") return { items: [], next: "" };
    const request = { query, pageSize: 24, pageToken };
    const { items, nextPageToken } = await marquee.catalog.searchItems(request, { signal });
    return { items, next: nextPageToken };
  });
  if (query.trim() === "") {
    return (
      <>
        <Heading title="Search">Search</Heading>
        <p class="muted">Type what you are looking for at the top of the page.</p>
        <Categories />
      </>
    );
  }
  const found = pages.items?.length ?? 0;
  return (
    <>
      <div class="intro">
        <Heading title={`Search: ${query}`}>“{query}”</Heading>
        <p class="muted">
          {pages.items === undefined
            ? "\u00a0"
            : found === 0
              ? "Nothing was found. All words must be in a title, a name, a category or a description."
              : `${counted(found, "result")}${pages.hasMore ? ", and more" : ""}`}
        </p>
      </div>
      <Status>
        {pages.items !== undefined
          ? counted(found, "result")
          : pages.error === undefined
            ? "Searching"
            : ""}
      </Status>
      {pages.items !== undefined && found === 0 && <Categories />}
      <ItemGrid pages={pages} what="results" />
    </>
  );
}
