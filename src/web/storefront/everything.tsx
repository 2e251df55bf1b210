import { marquee } from "./marquee.ts";
import { ItemGrid } from "./item-grid.tsx";
import { Failure } from "./parts.tsx";
import { usePages } from "./use-pages.ts";

/** What the front page has while no shelf has anything: all items, which nobody viewed yet. */
export function Everything() {
  const pages = usePages("all", async (pageToken, signal) => {
    const request = { pageSize: 24, pageToken };
    const { items, nextPageToken } = await marquee.catalog.listItems(request, { signal });
    return { items, next: nextPageToken };
  });
  if (pages.items?.length === 0) return null;
  if (pages.items === undefined && pages.error !== undefined) {
    return <Failure what="The items could not be loaded." error={pages.error} again={pages.more} />;
  }
  return (
    <section class="shelf">
      <h2>Everything</h2>
      <ItemGrid pages={pages} what="items" />
    </section>
  );
}
