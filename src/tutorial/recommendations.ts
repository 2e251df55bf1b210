import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { Recommendation } from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { BookCategory, type Recommendations } from "../../gen/tutorial/recommendations_pb.js";
import type { MarqueeClient } from "../client/client.ts";
import { passOn } from "../client/pass-on.ts";
import { notFound } from "../errors.ts";

const slugs: Readonly<Record<number, string>> = {
  [BookCategory.FICTION]: "fiction",
  [BookCategory.ROMANCE]: "romance",
  [BookCategory.SELF_HELP]: "self-help",
};

const DEFAULT_RESULTS = 10;
const MOST_RESULTS = 1_000;

/** The handlers of the tutorial's Recommendations, handed over to the real ones. */
export function tutorialRecommendations(
  marquee: Pick<MarqueeClient, "recommendations">,
): ServiceImpl<typeof Recommendations> {
  return {
    async recommend(request, context) {
      const category = slugs[request.category];
      if (category === undefined) {
        throw notFound("category", "category", String(request.category));
      }
      const wanted = request.maxResults || DEFAULT_RESULTS;
      const ask = async (maxResults: number): Promise<Recommendation[]> => {
        const query = { userId: String(request.userId), category, maxResults };
        try {
          return (await marquee.recommendations.recommend(query, passOn(context))).recommendations;
        } catch (error) {
          // Here, a category without books is an empty list.
          if (error instanceof ConnectError && error.code === Code.NotFound) return [];
          throw error;
        }
      };
      let found = await ask(wanted);
      let books = found.filter(hasInt32Id);
      // Ids that are no numbers were left out: there may be more further down.
      if (books.length < wanted && found.length === wanted && wanted < MOST_RESULTS) {
        found = await ask(MOST_RESULTS);
        books = found.filter(hasInt32Id).slice(0, wanted);
      }
      return { recommendations: books.map(({ id, title }) => ({ id: Number(id), title })) };
    },
  };
}

/** Whether the id is a 32-bit number as one writes it. */
function hasInt32Id({ id }: { readonly id: string }): boolean {
  return /^(?:0|-?[1-9]\d{0,9})$/.test(id) && (Number(id) | 0) === Number(id);
}
