import {
  DeleteItemRequestSchema,
  GetItemRequestSchema,
  ListItemsRequestSchema,
  UpsertItemsRequestSchema,
} from "../../gen/catalog/v1/catalog_service_pb.js";
import { ItemSchema } from "../../gen/catalog/v1/item_pb.js";
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

const categories: check.Check<readonly string[]> = (values, path, report) => {
  check.list({ max: 20 }, slug)(values, path, report);
  reportTwice(values, (index) => `${path}[${index}]`, report);
};

const item = check.rules(ItemSchema, {
  id,
  title: check.text({ min: 1, max: 1_000 }),
  creators: check.list({ max: 50 }, check.text({ min: 1, max: 200 })),
  categories,
  description: check.text({ max: 10_000 }),
  properties: check.map({ max: 20 }, check.text({ min: 1, max: 64 }), check.text({ max: 1_000 })),
});

export const catalogRules: readonly check.Rules[] = [
  check.rules(UpsertItemsRequestSchema, {
    items: (items, path, report) => {
      check.list({ min: 1, max: 1_000 }, check.nested(item))(items, path, report);
      reportTwice(
        items.map((one) => one.id),
        (index) => `${path}[${index}].id`,
        report,
      );
    },
  }),
  check.rules(GetItemRequestSchema, { id }),
  check.rules(ListItemsRequestSchema, {
    category: check.text({ max: 64 }),
    pageSize: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
    pageToken: check.text({ max: 1_024 }),
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
