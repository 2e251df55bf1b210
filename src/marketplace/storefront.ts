import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ListCategoriesResponse_Category as Category } from "../../gen/catalog/v1/catalog_service_pb.js";
import {
  ShelfKind,
  ShelfStatus,
  type GetStorefrontResponseSchema,
} from "../../gen/marketplace/v1/marketplace_service_pb.js";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import {
  RecommendResponseSchema,
  type RecommendResponse,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import type { Answer, Asker, Call, Sources } from "./asker.ts";
import { KnownItems, planOf, shelfOf, type Choice, type Plan } from "./shelves.ts";

/** For whom a page is; see the contract. */
export interface StorefrontRequest {
  /** "" for a stranger. */
  readonly user: string;
  /** "" for all. */
  readonly category: string;
  /** How many items a shelf has at most. */
  readonly size: number;
}

/** How many categories have a shelf of their own. */
const CATEGORY_SHELVES = 6;
/** Where recommendations are not to be had, what trends is what was viewed most in this time. */
const TRENDING_MS = 7 * 86_400_000;

/** What the first questions brought. */
interface FirstRound {
  readonly recommended: Answer<RecommendResponse>;
  readonly categories: readonly Category[];
  readonly plans: readonly Plan[];
}

/**
 * Gathers the shelves of a page. Of the time that it has, the first questions,
 * which are asked side by side, may take half; what follows from their answers
 * takes parts of what is left then. So a service that hangs is given up early
 * enough for the others.
 */
export async function gatherStorefront(
  sources: Sources,
  asker: Asker,
  request: StorefrontRequest,
): Promise<MessageInitShape<typeof GetStorefrontResponseSchema>> {
  const known = new KnownItems();
  const first = await firstRound(sources, asker, request);
  await lookUp(sources, asker, known, first.plans);
  const names = shelfCategories(first, known);
  const shelves = await categoryPlans(sources, asker, request, { first, names });
  await lookUp(sources, asker, known, shelves);
  return {
    shelves: [...first.plans, ...shelves].map((plan) => shelfOf(plan, known)),
    recommendationId: first.recommended?.recommendationId ?? "",
  };
}

async function firstRound(
  { recommendations, catalog, analytics }: Sources,
  asker: Asker,
  { user, category, size }: StorefrontRequest,
): Promise<FirstRound> {
  const ask = <T>(call: Call<T>, missing?: T): Promise<Answer<T>> => asker.ask(0.5, call, missing);
  const none = create(RecommendResponseSchema);
  const [recommended, viewed, trending, categories] = await Promise.all([
    ask(
      (options) => recommendations.recommend({ userId: user, category, maxResults: size }, options),
      none,
    ),
    user === ""
      ? undefined
      : ask((options) =>
          recommendations.listInteractions(
            // Twice as many: a view that was counted and one that was told may be of one item.
            { userId: user, kinds: [FeedbackKind.VIEW], maxResults: 2 * size },
            options,
          ),
        ),
    ask(
      async (options) =>
        (await recommendations.listTrendingItems({ category, maxResults: size }, options)).items,
      [],
    ),
    category === ""
      ? ask(async (options) => (await catalog.listCategories({}, options)).categories)
      : [],
  ]);
  const plans = [planOf(ShelfKind.RECOMMENDED, recommended?.recommendations)];
  if (user !== "" && category === "") {
    const choices = viewed && distinct(viewed.interactions, size);
    plans.push(planOf(ShelfKind.RECENTLY_VIEWED, choices));
  }
  // Which items a category has, analytics does not know.
  if (trending !== undefined || category !== "") {
    plans.push(planOf(ShelfKind.TRENDING, trending));
  } else {
    const startTime = timestampFromMs(Date.now() - TRENDING_MS);
    const top = await asker.ask(
      0.4,
      async (options) =>
        (await analytics.listTopVideos({ interval: { startTime }, pageSize: size }, options))
          .videos,
    );
    const choices = top?.map(({ videoName }): Choice => ({ id: videoName, title: "" }));
    const plan = planOf(ShelfKind.TRENDING, choices);
    plans.push(top === undefined ? plan : { ...plan, status: ShelfStatus.DEGRADED });
  }
  return { recommended, categories: categories ?? [], plans };
}

/** Asks the catalog for the items that the shelves name. */
async function lookUp(
  { catalog }: Sources,
  asker: Asker,
  known: KnownItems,
  plans: readonly Plan[],
): Promise<void> {
  const ids = known.missing(plans);
  if (ids.length === 0) return;
  known.add(
    await asker.ask(0.4, async (options) => (await catalog.batchGetItems({ ids }, options)).items),
  );
}

/** The categories that get a shelf: those of most that is recommended, then the largest. */
function shelfCategories({ plans, categories }: FirstRound, known: KnownItems): string[] {
  const weights = new Map<string, number>();
  for (const { kind, choices } of plans) {
    if (kind !== ShelfKind.RECOMMENDED) continue;
    for (const { id } of choices) {
      // Strongest first: what comes later says less of what the item is.
      for (const [place, name] of (known.get(id)?.categories ?? []).entries()) {
        weights.set(name, (weights.get(name) ?? 0) + 1 / (1 + place));
      }
    }
  }
  return categories
    .map(({ name }) => name)
    .toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0))
    .slice(0, CATEGORY_SHELVES);
}

async function categoryPlans(
  sources: Sources,
  asker: Asker,
  request: StorefrontRequest,
  { first, names }: { first: FirstRound; names: readonly string[] },
): Promise<Plan[]> {
  const shown = new Set(first.recommended?.recommendations.map(({ id }) => id));
  const found = await Promise.all(
    names.map((name) => categoryPlan(sources, asker, request, { name, first })),
  );
  // An item of several categories stands on the first shelf only.
  return found.map((plan) => {
    const choices = plan.choices.filter(({ id }) => !shown.has(id)).slice(0, request.size);
    for (const { id } of choices) shown.add(id);
    return { ...plan, choices };
  });
}

async function categoryPlan(
  { recommendations, catalog }: Sources,
  asker: Asker,
  { user, size }: StorefrontRequest,
  { name, first }: { name: string; first: FirstRound },
): Promise<Plan> {
  const kind = ShelfKind.CATEGORY;
  // More than a shelf holds: some may stand on another one.
  const maxResults = 2 * size;
  // Who did not answer before is not asked again.
  if (first.recommended !== undefined) {
    const excludeIds = first.recommended.recommendations.map(({ id }) => id);
    const answer = await asker.ask(0.5, (options) =>
      recommendations.recommend({ userId: user, category: name, maxResults, excludeIds }, options),
    );
    if (answer !== undefined) {
      const choices = answer.recommendations.map(({ id, title }): Choice => ({ id, title }));
      return { kind, category: name, status: ShelfStatus.OK, choices };
    }
  }
  const listed = await asker.ask(0.6, (options) =>
    catalog.listItems({ category: name, pageSize: maxResults }, options),
  );
  const choices = listed?.items.map((item): Choice => ({ id: item.id, title: item.title, item }));
  const status = choices === undefined ? ShelfStatus.UNAVAILABLE : ShelfStatus.DEGRADED;
  return { kind, category: name, status, choices: choices ?? [] };
}

/** The first of each item, at most so many. */
function distinct(
  interactions: readonly { readonly itemId: string; readonly title: string }[],
  size: number,
): Choice[] {
  const titles = new Map<string, string>();
  for (const { itemId, title } of interactions) {
    if (!titles.has(itemId)) titles.set(itemId, title);
  }
  return [...titles].slice(0, size).map(([id, title]) => ({ id, title }));
}
