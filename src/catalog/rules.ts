import {
  BatchGetItemsRequestSchema,
  DeleteItemRequestSchema,
  GetItemRequestSchema,
  ImportItemsRequestSchema,
  ListItemsRequestSchema,
  SearchItemsRequestSchema,
  UpsertItemsRequestSchema,
} from "../../gen/catalog/v1/catalog_service_pb.js";
import { ItemSchema, type Item } from "../../gen/catalog/v1/item_pb.js";
import type { FieldViolation } from "../errors.ts";
import * as check from "../rules.ts";

/** The bounds of catalog.v1, as its proto files give them. */

const id = check.text({ min: 1, max: 256 });

const slug = check.text({
  min: 1,
  max: 64,
  pattern: [
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
    "Must be a slug: lower-case letters, digits, and single hyphens between them.",
  ],
});

const category = check.text({ max: 64 });
const { pageToken } = check;

const MAX_CATEGORIES = 20;

const categories: check.Check<readonly string[]> = (values, path, report) => {
  check.list({ max: MAX_CATEGORIES }, slug)(values, path, report);
  // One fault of a list that is too long is enough: it can have a million others.
  if (values.length > MAX_CATEGORIES) return;
  reportTwice(values, (index) => `${path}[${index}]`, report);
};

/** How many items a request can have. */
const MAX_ITEMS = 1_000;

const item = check.rules(ItemSchema, {
  id,
  title: check.text({ min: 1, max: 1_000, pattern: [/\S/, "Must have more than spaces."] }),
  creators: check.list({ max: 50 }, check.text({ min: 1, max: 200 })),
  categories,
  description: check.text({ max: 10_000 }),
  properties: check.map({ max: 20 }, check.text({ min: 1, max: 64 }), check.text({ max: 1_000 })),
});

const itemRules = new check.RuleBook([[item]]);

/** All that is wrong with one item; fields are named from the item on, such as "creators[2]". */
export function itemViolations(message: Item): FieldViolation[] {
  return itemRules.violations(ItemSchema, message);
}

export const catalogRules: readonly check.Rules[] = [
  check.rules(UpsertItemsRequestSchema, {
    items: (items, path, report) => {
      check.list({ min: 1, max: MAX_ITEMS }, check.nested(item))(items, path, report);
      if (items.length > MAX_ITEMS) return;
      reportTwice(
        items.map((one) => one.id),
        (index) => `${path}[${index}].id`,
        report,
      );
    },
  }),
  // The items of an import are checked one by one where they are stored: one
  // that is wrong must not fail the others.
  check.rules(ImportItemsRequestSchema, { items: check.list({ max: MAX_ITEMS }) }),
  check.rules(GetItemRequestSchema, { id }),
  check.rules(BatchGetItemsRequestSchema, {
    ids: (ids, path, report) => {
      check.list({ min: 1, max: MAX_ITEMS }, id)(ids, path, report);
      if (ids.length > MAX_ITEMS) return;
      reportTwice(ids, (index) => `${path}[${index}]`, report);
    },
  }),
  check.rules(ListItemsRequestSchema, {
    category,
    pageSize: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
    pageToken,
  }),
  check.rules(SearchItemsRequestSchema, {
    query: check.text({ min: 1, max: 256 }),
    category,
    pageSize: check.integer({ min: 1, max: 100, zeroIsDefault: true }),
    pageToken,
  }),
  check.rules(DeleteItemRequestSchema, { id }),
];

/** Reports each value that stands further up in its list. */
function reportTwice(
  values: readonly string[],
  pathOf: (index: number) => string,
  report: Parameters<check.Check<unknown>>[2],
): void {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (value !== "" && seen.has(value)) {
      report({ field: pathOf(index), description: `${JSON.stringify(value)} stands twice.` });
    }
    seen.add(value);
  }
}
