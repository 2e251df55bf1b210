import { Top } from "../../ui/top.tsx";
import { CategoryPage } from "./category-page.tsx";
import { FrontPage } from "./front-page.tsx";
import { ItemPage } from "./item-page.tsx";
import { PlaceContext, usePlace } from "./navigation.ts";
import { Heading } from "./parts.tsx";
import type { Route } from "./router.ts";
import { SearchBox } from "./search-box.tsx";
import { SearchPage } from "./search-page.tsx";
import { SignUpPage } from "./sign-up-page.tsx";
import { ViewerButton } from "./viewer-dialog.tsx";
import { ViewerProvider } from "./viewer.tsx";

/** The storefront: what is on top, and the page that the address names. */
export function App() {
  const place = usePlace();
  const { route, entry } = place;
  return (
    <ViewerProvider>
      <PlaceContext.Provider value={place}>
        <Top current="/">
          <SearchBox query={route?.page === "search" ? route.query : ""} entry={entry} />
          <ViewerButton />
        </Top>
        {/* Each entry of the history is a page of its own: it asks for what it shows anew. */}
        <main id="main" class="store" key={entry}>
          <Page route={route} />
        </main>
      </PlaceContext.Provider>
    </ViewerProvider>
  );
}

function Page({ route }: { route: Route | undefined }) {
  switch (route?.page) {
    case "front":
      return <FrontPage />;
    case "item":
      return <ItemPage id={route.id} />;
    case "category":
      return <CategoryPage category={route.category} />;
    case "search":
      return <SearchPage query={route.query} />;
    case "sign-up":
      return <SignUpPage />;
    case undefined:
      return (
        <>
          <Heading title="Not found">Nothing is here</Heading>
          <p>
            <a href="/">Go to the front page</a>
          </p>
        </>
      );
  }
}
