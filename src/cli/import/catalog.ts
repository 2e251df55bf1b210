import { create } from "@bufbuild/protobuf";
import { ItemSchema, type Item } from "../../../gen/catalog/v1/item_pb.js";
import type { MarqueeClient } from "../../client/index.ts";
import { Columns } from "./columns.ts";
import type { Row } from "./csv.ts";
import type { ImportKind, Parsed } from "./kind.ts";

/** The flags of `marquee import catalog`. */
export interface CatalogOptions {
  readonly id?: string;
  readonly title?: string;
  readonly creators?: string;
  readonly categories?: string;
  readonly description?: string;
  readonly property?: readonly string[];
  readonly creatorsSeparator: string;
  readonly categoriesSeparator: string;
}

const IDS = ["id", "item_id", "book_id", "video_id", "movie_id", "article_id", "video_name"];
const CREATORS = ["creators", "authors", "author", "creator"];
const CATEGORIES = ["categories", "genres", "tags", "category", "genre"];

/** How items are imported. */
export function catalogKind(options: CatalogOptions): ImportKind<Item> {
  return {
    outcomes: ["created", "updated", "unchanged", "superseded"],
    list: "items",
    batchSize: 500,
    inFlight: 3,
    distinct: true,
    probe: (client) => client.catalog.listItems({ pageSize: 1 }),
    reader: (file, header) => itemReader(new Columns(file, header), options),
    send,
  };
}

async function send(
  client: MarqueeClient,
  items: Item[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { created, updated, unchanged } = await client.catalog.upsertItems({ items }, { signal });
  return [created, updated, unchanged];
}

function itemReader(columns: Columns, options: CatalogOptions): (row: Row) => Parsed<Item> {
  const id = columns.required(options.id, IDS, "--id");
  const title = columns.required(options.title, ["title", "name"], "--title");
  const creators = columns.optional(options.creators, CREATORS);
  const categories = columns.optional(options.categories, CATEGORIES);
  const description = columns.optional(options.description, ["description"]);
  const properties = (options.property ?? []).map((flag): [string, number] => {
    const equals = flag.indexOf("=");
    return [
      equals < 0 ? flag : flag.slice(0, equals),
      columns.named(equals < 0 ? flag : flag.slice(equals + 1)),
    ];
  });
  return (row) => {
    const value = (index: number | undefined): string =>
      index === undefined ? "" : (row.values[index] ?? "").trim();
    const item = create(ItemSchema);
    item.id = value(id);
    item.title = value(title);
    item.creators = split(value(creators), options.creatorsSeparator);
    item.categories = unique(split(value(categories), options.categoriesSeparator).map(slug));
    item.description = value(description);
    for (const [name, index] of properties) {
      if (value(index) !== "") item.properties[name] = value(index);
    }
    return { row, message: item, key: item.id };
  };
}

function split(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Lower-case letters, digits and single hyphens, as the contract has categories. */
function slug(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== "");
}
