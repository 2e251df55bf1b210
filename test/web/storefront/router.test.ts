import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hrefOf, routeOf } from "../../../src/web/storefront/router.ts";

const at = (href: string): ReturnType<typeof routeOf> =>
  routeOf(new URL(href, "http://localhost:8080"));

describe("The router of the storefront", () => {
  it("should know the pages by their addresses", () => {
    expect(at("/")).toEqual({ page: "front" });
    expect(at("/sign-up")).toEqual({ page: "sign-up" });
    expect(at("/search?q=jane+austen")).toEqual({ page: "search", query: "jane austen" });
    expect(at("/search")).toEqual({ page: "search", query: "" });
    expect(at("/items/emma")).toEqual({ page: "item", id: "emma" });
    expect(at("/items/a%2Fb%20%C3%A9")).toEqual({ page: "item", id: "a/b é" });
    expect(at("/categories/science-fiction")).toEqual({
      page: "category",
      category: "science-fiction",
    });
  });

  it("should leave all other addresses to the browser", () => {
    for (const href of [
      "/dashboard",
      "/docs",
      "/items/",
      "/items/a/b",
      "/items/%ff",
      "/categories/",
    ])
      expect(at(href), href).toBeUndefined();
  });

  it("should find any item again by the address that it gives it", () => {
    const ids = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
      fc.constantFrom(".", "..", "%", "%2e", "?", "#", "a/../b", " "),
    );
    fc.assert(
      fc.property(ids, (id) => {
        expect(at(hrefOf({ page: "item", id }))).toEqual({ page: "item", id });
      }),
    );
  });

  it("should find any search again by the address that it gives it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (query) => {
        expect(at(hrefOf({ page: "search", query }))).toEqual({ page: "search", query });
      }),
    );
  });
});
