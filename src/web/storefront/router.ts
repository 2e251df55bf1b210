/** What the storefront shows, as its address says. */
export type Route =
  | { readonly page: "front" }
  | { readonly page: "item"; readonly id: string }
  | { readonly page: "category"; readonly category: string }
  | { readonly page: "search"; readonly query: string }
  | { readonly page: "sign-up" };

/** The parts of a URL that tell a route. */
interface Address {
  readonly pathname: string;
  readonly search: string;
}

/** What an address shows; undefined if it is none of the storefront's. */
export function routeOf({ pathname, search }: Address): Route | undefined {
  const parameters = new URLSearchParams(search);
  if (pathname === "/") return { page: "front" };
  if (pathname === "/sign-up") return { page: "sign-up" };
  if (pathname === "/search") return { page: "search", query: parameters.get("q") ?? "" };
  const [, folder, name] = /^\/(items|categories)\/([^/]*)$/.exec(pathname) ?? [];
  if (folder === undefined || name === undefined) return undefined;
  const decoded = uriDecoded(name) ?? "";
  if (folder === "categories") {
    return decoded === "" ? undefined : { page: "category", category: decoded };
  }
  const id = decoded === "" ? (parameters.get("id") ?? "") : decoded;
  return id === "" ? undefined : { page: "item", id };
}

/** The address of a route, from the root of the site. */
export function hrefOf(route: Route): string {
  switch (route.page) {
    case "front":
      return "/";
    case "sign-up":
      return "/sign-up";
    case "search":
      return `/search?${new URLSearchParams({ q: route.query })}`;
    case "category":
      return `/categories/${encodeURIComponent(route.category)}`;
    case "item":
      // To a browser these two are steps in a path, however they are encoded.
      if (route.id === "." || route.id === "..") return `/items/?id=${route.id}`;
      return `/items/${encodeURIComponent(route.id)}`;
  }
}

function uriDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
