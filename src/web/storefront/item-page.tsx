import { Code, ConnectError } from "@connectrpc/connect";
import type { Item } from "../../../gen/catalog/v1/item_pb.js";
import { Cover } from "../covers/cover.tsx";
import { ItemOpinion } from "./item-opinion.tsx";
import { ItemViews } from "./item-views.tsx";
import { marquee } from "./marquee.ts";
import { Failure, Heading, Status } from "./parts.tsx";
import { hrefOf } from "./router.ts";
import { Similar } from "./similar.tsx";
import { useCall } from "./use-call.ts";
import { useLoggedView } from "./use-logged-view.ts";
import { useViewer } from "./viewer.tsx";
import { categoryName } from "./words.ts";

/** The property that the server's sample data has. */
const SAMPLE = "sample";

/** One item. Opening it is a view. */
export function ItemPage({ id }: { id: string }) {
  const { data, error, again } = useCall(JSON.stringify(["item", id]), async (signal) => {
    const { item } = await marquee.catalog.getItem({ id }, { signal });
    return item;
  });
  if (data !== undefined) return <Known item={data} />;
  if (error === undefined) return <ItemSkeleton />;
  if (ConnectError.from(error).code === Code.NotFound) {
    return (
      <>
        <Heading title="Not found">Not in the catalog</Heading>
        <p>
          Nothing here has the id “{id}”. <a href="/">Back to the front page</a>
        </p>
      </>
    );
  }
  return (
    <>
      <Heading title="Not loaded">Not loaded</Heading>
      <Failure what="This item could not be loaded." error={error} again={again} />
    </>
  );
}

function Known({ item }: { item: Item }) {
  const { viewer } = useViewer();
  const position = useLoggedView(item.id, viewer.id);
  return (
    <article class="item-page">
      <div class="item-head">
        <div class="item-cover">
          <Cover item={item} />
        </div>
        <div class="item-text">
          <Heading title={item.title}>{item.title}</Heading>
          {item.creators.length > 0 && <p class="by">{item.creators.join(", ")}</p>}
          {isSample(item) && <p class="mark">sample data</p>}
          <ul class="chip-list" aria-label="Categories">
            {item.categories.map((category) => (
              <li key={category}>
                <a class="chip" href={hrefOf({ page: "category", category })}>
                  {categoryName(category)}
                </a>
              </li>
            ))}
          </ul>
          {item.description !== "" && <p class="description">{item.description}</p>}
          <Properties properties={item.properties} />
          {/* Of another viewer, another state. */}
          <ItemOpinion key={viewer.id} itemId={item.id} viewerId={viewer.id} />
        </div>
      </div>
      <ItemViews itemId={item.id} position={position} />
      <Similar itemId={item.id} />
    </article>
  );
}

function isSample({ properties }: Item): boolean {
  return properties[SAMPLE] !== undefined;
}

/** What else the catalog knows, such as the year. */
function Properties({ properties }: { properties: Readonly<Record<string, string>> }) {
  const entries = Object.entries(properties)
    .filter(([name]) => name !== SAMPLE)
    .toSorted(([one], [other]) => one.localeCompare(other));
  if (entries.length === 0) return null;
  return (
    <dl class="properties">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{categoryName(name.replaceAll("_", "-"))}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ItemSkeleton() {
  return (
    <div class="item-page">
      <Status>Loading</Status>
      <div class="item-head skeleton" aria-hidden="true">
        <div class="item-cover">
          <div class="cover" />
        </div>
        <div class="item-text">
          <span class="bar tall" />
          <span class="bar short" />
          <span class="bar" />
        </div>
      </div>
    </div>
  );
}
