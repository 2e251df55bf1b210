import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import {
  GetStorefrontResponseSchema,
  ShelfKind,
} from "../../../gen/marketplace/v1/marketplace_service_pb.js";
import { shownShelves } from "../../../src/web/storefront/shown-shelves.ts";

const { RECOMMENDED, TRENDING, CATEGORY } = ShelfKind;

it.each([
  ["the same, in another order", ["a", "b"], ["b", "a"], [RECOMMENDED, CATEGORY]],
  ["something else, too", ["a", "b"], ["a", "c"], [RECOMMENDED, TRENDING, CATEGORY]],
  ["nothing, of which the shelf says why", ["a"], [], [RECOMMENDED, TRENDING, CATEGORY]],
])(
  "should show what trends unless it is recommended: %s",
  (_what, recommended, trending, kinds) => {
    const shelf = (kind: ShelfKind, ids: readonly string[]) => ({
      kind,
      items: ids.map((id) => ({ item: { id } })),
    });
    const { shelves } = create(GetStorefrontResponseSchema, {
      shelves: [shelf(RECOMMENDED, recommended), shelf(TRENDING, trending), shelf(CATEGORY, ["b"])],
    });
    expect(shownShelves(shelves).map(({ kind }) => kind)).toEqual(kinds);
  },
);
