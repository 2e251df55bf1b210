import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { CatalogService } from "../../gen/catalog/v1/catalog_service_pb.js";
import type { ItemSchema } from "../../gen/catalog/v1/item_pb.js";
import { callerOf } from "../caller.ts";
import { notFound } from "../errors.ts";
import { pageToken, readPageToken } from "../page-token.ts";
import type { Catalog, CatalogItem } from "./catalog.ts";
import { importItems } from "./import.ts";

const DEFAULT_PAGE_SIZE = 50;
const DEFAULT_SEARCH_PAGE_SIZE = 20;
/** How many items a search finds at most, on all of its pages together. */
const MAX_FOUND = 1_000;

/** The handlers of catalog.v1.CatalogService. */
export function catalogService(catalog: Catalog): ServiceImpl<typeof CatalogService> {
  return {
    async upsertItems(request, context) {
      return await catalog.upsert(callerOf(context), request.items);
    },

    async importItems(requests, context) {
      const outcome = await importItems(callerOf(context), catalog, requests);
      return {
        created: BigInt(outcome.created),
        updated: BigInt(outcome.updated),
        unchanged: BigInt(outcome.unchanged),
        rejectedCount: BigInt(outcome.rejectedCount),
        rejected: outcome.rejected.map((one) => ({ ...one, index: BigInt(one.index) })),
      };
    },

    async getItem(request, context) {
      const item = await catalog.get(callerOf(context), request.id);
      if (item === undefined) throw notFound("id", "item", request.id);
      return { item: itemMessage(item) };
    },

    async batchGetItems(request, context) {
      return { items: (await catalog.getMany(callerOf(context), request.ids)).map(itemMessage) };
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

    async searchItems({ query, category, pageSize, pageToken: token }, context) {
      const filter = { query, category };
      const offset = readPageToken(token, filter, isOffset) ?? 0;
      const limit = Math.min(pageSize || DEFAULT_SEARCH_PAGE_SIZE, MAX_FOUND - offset);
      const options = { ...filter, offset, limit: limit + 1 };
      const found = await catalog.search(callerOf(context), options);
      const next = offset + limit;
      return {
        items: found.slice(0, limit).map(itemMessage),
        nextPageToken: found.length > limit && next < MAX_FOUND ? pageToken(filter, next) : "",
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

function isOffset(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < MAX_FOUND;
}
