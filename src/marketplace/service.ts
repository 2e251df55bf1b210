import type { ConnectError, ServiceImpl } from "@connectrpc/connect";
import type { MarketplaceService } from "../../gen/marketplace/v1/marketplace_service_pb.js";
import { Asker, type Sources } from "./asker.ts";
import { gatherStorefront } from "./storefront.ts";

/** How many items a shelf has where the request does not say. */
const DEFAULT_SIZE = 12;

/**
 * The handlers of marketplace.v1.MarketplaceService.
 *
 * @param sources the public clients of the services behind it, which do not
 *   repeat calls: there is no time for that.
 * @param onFailure told of each call of theirs that failed.
 */
export function marketplaceService(
  sources: Sources,
  onFailure: (error: ConnectError) => void,
): ServiceImpl<typeof MarketplaceService> {
  return {
    async getStorefront({ userId, category, shelfSize }, context) {
      // About one person: nobody between us and them may keep it.
      context.responseHeader.set("cache-control", "private, no-store");
      const request = { user: userId, category, size: shelfSize || DEFAULT_SIZE };
      return await gatherStorefront(sources, new Asker(context, onFailure), request);
    },
  };
}
