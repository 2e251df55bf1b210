import { ShelfStatus } from "../../../gen/marketplace/v1/marketplace_service_pb.js";
import { Categories } from "./categories.tsx";
import { EmptyFront } from "./empty-front.tsx";
import { Heading } from "./parts.tsx";
import { Shelves, useShelves } from "./shelves.tsx";
import { useViewer } from "./viewer.tsx";

/** The front page: the shelves for whoever looks. They are asked anew whenever one comes back. */
export function FrontPage() {
  const { viewer } = useViewer();
  const shelves = useShelves();
  const isEmpty =
    shelves.data?.shelves.every(
      ({ items, status }) => items.length === 0 && status !== ShelfStatus.UNAVAILABLE,
    ) === true;
  return (
    <>
      <div class="intro">
        <Heading title="">
          {viewer.name === undefined ? "What comes next" : `What comes next, ${viewer.name}`}
        </Heading>
        <p class="muted">Open something, and these shelves change.</p>
      </div>
      <Categories />
      {isEmpty ? (
        <EmptyFront again={shelves.again} />
      ) : (
        <Shelves shelves={shelves} placeholders={3} />
      )}
    </>
  );
}
