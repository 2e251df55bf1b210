import type { GetStorefrontResponse } from "../../../gen/marketplace/v1/marketplace_service_pb.js";
import { marquee } from "./marquee.ts";
import { Failure, Status } from "./parts.tsx";
import { shownShelves } from "./shown-shelves.ts";
import { ShelfSkeleton, StorefrontShelf } from "./shelf.tsx";
import { useCall, type Call } from "./use-call.ts";
import { useViewer } from "./viewer.tsx";

/** The shelves of the front page, or of a category; for whoever looks. */
export function useShelves(category = ""): Call<GetStorefrontResponse> {
  const { viewer } = useViewer();
  return useCall(JSON.stringify(["shelves", viewer.id, category]), (signal) =>
    marquee.marketplace.getStorefront({ userId: viewer.id, category, shelfSize: 12 }, { signal }),
  );
}

/** Draws the shelves in their order, and what there is to say while they are not there. */
export function Shelves({
  shelves,
  placeholders,
}: {
  shelves: Call<GetStorefrontResponse>;
  /** How many shelves to leave room for while they are loaded. */
  placeholders: number;
}) {
  const { data, error, isLoading, again } = shelves;
  return (
    <div aria-busy={isLoading}>
      <Status>{isLoading ? "Loading the shelves" : ""}</Status>
      {error !== undefined && (
        <Failure what="The shelves could not be loaded." error={error} again={again} />
      )}
      {data === undefined &&
        error === undefined &&
        Array.from({ length: placeholders }, (_, at) => <ShelfSkeleton key={at} />)}
      {shownShelves(data?.shelves ?? []).map((shelf) => (
        <StorefrontShelf
          key={`${shelf.kind} ${shelf.category}`}
          shelf={shelf}
          recommendationId={data?.recommendationId ?? ""}
          again={again}
        />
      ))}
    </div>
  );
}
