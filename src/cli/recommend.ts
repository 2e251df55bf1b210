import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  BoostSchema,
  Recommendation,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import type { FieldNames } from "./call-failure.ts";
import { positive, share } from "./options.ts";
import { withServer } from "./session.ts";
import { table, terminalWidth } from "./table.ts";

type Boost = MessageInitShape<typeof BoostSchema>;

interface RecommendOptions {
  readonly category?: string;
  readonly max: number;
  readonly exclude?: string[];
  readonly includeSeen?: boolean;
  readonly boost?: Boost[];
  readonly diversity?: number;
  readonly exploration?: number;
  readonly seed?: string;
  readonly session?: string[];
  readonly context?: string;
  readonly explain?: boolean;
}

/** What this command calls the fields of its request. */
const names: FieldNames = {
  user_id: "<user>",
  category: "--category",
  max_results: "--max",
  exclude_ids: "--exclude",
  boosts: "--boost",
  seed: "--seed",
  session: "--session",
  context_item_id: "--context",
};

/** Adds `marquee recommend`. */
export function addRecommend(program: Command): void {
  program
    .command("recommend [user]")
    .description("Recommend items to a user, or to a stranger, best first.")
    .option("--category <category>", "only items of this category (default: all)")
    .option("--max <n>", "how many items at most, up to 1000", positive, 10)
    .option("--exclude <ids...>", "items that are not to be recommended")
    .option("--include-seen", "also what the user already viewed, rated or bought")
    .option("--boost <rules...>", "what scores are multiplied by: category:romance=2", boosts)
    .option("--diversity <share>", "how different from each other, from 0 to 1", share)
    .option("--exploration <share>", "share of places for what is little known", share)
    .option("--seed <text>", "what exploration draws by (default: anew each time)")
    .option("--session <ids...>", "what was viewed just now, oldest first")
    .option("--context <id>", "the item that is looked at")
    .option("--explain", "what speaks for each item, and how much")
    .addHelpText(
      "after",
      "\nExamples:\n  marquee recommend ann\n  marquee recommend ann --category romance --max 5 --json" +
        "\n  marquee recommend --session emma persuasion --boost 'creator:Jane Austen=0.5'",
    )
    .action((user: string | undefined, options: RecommendOptions, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const response = await client.recommendations.recommend({
          userId: user ?? "",
          category: options.category ?? "",
          maxResults: options.max,
          excludeIds: options.exclude ?? [],
          includeSeen: options.includeSeen ?? false,
          boosts: options.boost ?? [],
          diversity: options.diversity ?? 0,
          exploration: options.exploration ?? 0,
          seed: options.seed ?? "",
          session: (options.session ?? []).map((itemId) => ({ itemId })),
          contextItemId: options.context ?? "",
          explain: options.explain ?? false,
        });
        answer(response, () =>
          response.recommendations.length === 0
            ? "Nothing to recommend."
            : table(
                [
                  { title: "#", align: "right" },
                  { title: "ID" },
                  { title: "TITLE", cut: true },
                  { title: "SCORE", align: "right" },
                  { title: "WHY", cut: true },
                ],
                response.recommendations.map((r, i) => [
                  String(i + 1),
                  r.id,
                  r.title,
                  r.score.toPrecision(3),
                  why(r),
                ]),
                terminalWidth(),
              ),
        );
      }),
    );
}

/** Adds a rule such as "category:romance=2" to those before it. */
function boosts(text: string, before: readonly Boost[] = []): Boost[] {
  const [, kind, name = "", factor] = /^(category|creator|item):(.+)=(\d*\.?\d+)$/.exec(text) ?? [];
  const target = kind === "item" ? "itemId" : kind;
  if (target !== "category" && target !== "creator" && target !== "itemId") {
    throw new InvalidArgumentError(
      "It must be such as category:romance=2, creator:Jane Austen=1.5 or item:emma=0.5.",
    );
  }
  return [...before, { target: { case: target, value: name }, factor: Number(factor) }];
}

/** Why an item is recommended: what speaks for it, if that is told. */
function why({ reason, contributions }: Recommendation): string {
  if (contributions.length === 0) return reason;
  return contributions
    .map(({ itemId, title, share: part }) => `${title || itemId} ${Math.round(100 * part)} %`)
    .join(", ");
}
