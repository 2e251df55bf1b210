import { marquee } from "./marquee.ts";
import { Failure } from "./parts.tsx";
import { Row, ShelfSkeleton } from "./shelf.tsx";
import { useCall } from "./use-call.ts";

/** Items that resemble one; nothing if none does. */
export function Similar({ itemId }: { itemId: string }) {
  const { data, error, again } = useCall(JSON.stringify(["similar", itemId]), async (signal) => {
    const request = { id: itemId, maxResults: 12 };
    const { items: similar } = await marquee.recommendations.listSimilarItems(request, { signal });
    if (similar.length === 0) return [];
    const ids = similar.map(({ id }) => id);
    const { items } = await marquee.catalog.batchGetItems({ ids }, { signal });
    return items;
  });
  if (error !== undefined) {
    return <Failure what="Similar items could not be loaded." error={error} again={again} />;
  }
  if (data === undefined) return <ShelfSkeleton />;
  if (data.length === 0) return null;
  return (
    <section class="shelf">
      <h2>Similar</h2>
      <Row entries={data.map((item) => ({ item }))} />
    </section>
  );
}
