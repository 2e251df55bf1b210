import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { CatalogService } from "../../gen/catalog/v1/catalog_service_pb.js";
import type { ItemSchema } from "../../gen/catalog/v1/item_pb.js";
import { callerOf } from "../caller.ts";
import { notFound } from "../errors.ts";
import { pageToken, readPageToken } from "../page-token.ts";
import type { Catalog, CatalogItem } from "./catalog.ts";

const DEFAULT_PAGE_SIZE = 50;

/** The handlers of catalog.v1.CatalogService. */
export function catalogService(catalog: Catalog): ServiceImpl<typeof CatalogService> {
  return {
    async upsertItems(request, context) {
      return await catalog.upsert(callerOf(context), request.items);
    },

    async getItem(request, context) {
      const item = await catalog.get(callerOf(context), request.id);
      if (item === undefined) throw notFound("id", "item", request.id);
      return { item: itemMessage(item) };
    },

    async listItems(request, context) {
      const { category } = request;
      const after = readPageToken(request.pageToken, category, isId) ?? "";
      const limit = request.pageSize || DEFAULT_PAGE_SIZE;
      const found = await catalog.list(callerOf(context), { category, after, limit: limit + 1 });
      const items = found.slice(0, limit);
      return {
        items: items.map(itemMessage),
        nextPageToken: found.length > limit ? pageToken(category, items.at(-1)?.id) : "",
      };
    },

    async listCategories(_request, context) {
      const categories = await catalog.categories(callerOf(context));
      return {
        categories: categories.map(({ name, items }) => ({ name, itemCount: BigInt(items) })),
      };
    },

    async deleteItem(request, context) {
      return { deleted: await catalog.delete(callerOf(context), request.id) };
    },
  };
}

function itemMessage(item: CatalogItem): MessageInitShape<typeof ItemSchema> {
  return { ...item, creators: [...item.creators], categories: [...item.categories] };
}

function isId(value: unknown): value is string {
  return typeof value === "string";
}
