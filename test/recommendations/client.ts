import { createClient, createRouterTransport, type Client } from "@connectrpc/connect";
import { Recommendations } from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { identityKey } from "../../src/caller.ts";
import { recommendationsService } from "../../src/recommendations/service.ts";
import type { Room } from "./room.ts";

/** A client of the handlers alone, as a caller of project 0. */
export function clientOf(room: Room): Client<typeof Recommendations> {
  const transport = createRouterTransport(
    ({ service }) => service(Recommendations, recommendationsService(room.recommender, room)),
    {
      router: {
        interceptors: [
          (next) => (request) => {
            request.contextValues.set(identityKey, { project: 0, scopes: ["read", "write"] });
            return next(request);
          },
        ],
      },
    },
  );
  return createClient(Recommendations, transport);
}
