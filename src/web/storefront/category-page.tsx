import { Categories, useCategories } from "./categories.tsx";
import { ItemGrid } from "./item-grid.tsx";
import { marquee } from "./marquee.ts";
import { Heading } from "./parts.tsx";
import { Shelves, useShelves } from "./shelves.tsx";
import { usePages } from "./use-pages.ts";
import { categoryName, counted } from "./words.ts";

/** A category: its shelves, then all of its items. */
export function CategoryPage({ category }: { category: string }) {
  const shelves = useShelves(category);
  const { data } = useCategories();
  const known = data?.categories.find(({ name }) => name === category);
  const pages = usePages(JSON.stringify(["category", category]), async (pageToken, signal) => {
    const request = { category, pageSize: 24, pageToken };
    const { items, nextPageToken } = await marquee.catalog.listItems(request, { signal });
    return { items, next: nextPageToken };
  });
  const name = categoryName(category);
  if (pages.items?.length === 0) {
    return (
      <>
        <Heading title="Not found">Nothing is here</Heading>
        <p class="muted">No item has the category “{category}”.</p>
        <Categories />
      </>
    );
  }
  return (
    <>
      <div class="intro">
        <Heading title={name}>{name}</Heading>
        <p class="muted">{known === undefined ? "\u00a0" : counted(known.itemCount, "item")}</p>
      </div>
      <Categories current={category} />
      <Shelves shelves={shelves} placeholders={1} />
      <section class="shelf">
        <h2>All of it</h2>
        <ItemGrid pages={pages} what="items" />
      </section>
    </>
  );
}
