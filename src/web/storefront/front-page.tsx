import { ShelfStatus } from "../../../gen/marketplace/v1/marketplace_service_pb.js";
import { Categories } from "./categories.tsx";
import { Everything } from "./everything.tsx";
import { marquee } from "./marquee.ts";
import { Heading } from "./parts.tsx";
import { sampleOfferFor } from "./sample-mark.ts";
import { SampleOffer } from "./sample-offer.tsx";
import { Shelves, useShelves } from "./shelves.tsx";
import { useCall } from "./use-call.ts";
import { useViewer } from "./viewer.tsx";

/** The front page: the shelves for whoever looks. They are asked anew whenever one comes back. */
export function FrontPage() {
  const { viewer } = useViewer();
  const shelves = useShelves();
  // The first item tells whether there is any, and whether a sample was begun.
  const begin = useCall("the beginning of the catalog", (signal) =>
    marquee.catalog.listItems({ pageSize: 1 }, { signal }),
  );
  const offer = begin.data && sampleOfferFor(begin.data.items);
  const isEmpty =
    shelves.data?.shelves.every(
      ({ items, status }) => items.length === 0 && status !== ShelfStatus.UNAVAILABLE,
    ) === true;
  const again = (): void => {
    begin.again();
    shelves.again();
  };
  return (
    <>
      <div class="intro">
        <Heading title="">
          {viewer.name === undefined ? "What comes next" : `What comes next, ${viewer.name}`}
        </Heading>
        <p class="muted">Open something, and these shelves change.</p>
      </div>
      <Categories />
      {offer !== undefined && <SampleOffer isBegun={offer === "finish"} onLoaded={again} />}
      {isEmpty ? <Everything /> : <Shelves shelves={shelves} placeholders={3} />}
    </>
  );
}
