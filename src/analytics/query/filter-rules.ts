import { DimensionKind, type Dimension, type Filter } from "../../../gen/analytics/v1/query_pb.js";
import type { FieldViolation } from "../../errors.ts";
import * as check from "../../rules.ts";

const MAX_FILTERS = 100;
const MAX_DEPTH = 8;

const kindIsSet = check.setEnum(DimensionKind);
const propertyName = check.text({ min: 1, max: 64 });
const values = check.list<string>({ min: 1, max: 1_000 });
const prefix = check.text({ min: 1, max: 2_048 });

type Report = (violation: FieldViolation) => void;

/** A dimension: its kind, and the name of a property if it is one, only then. */
export const dimension: check.Check<Dimension> = ({ kind, property }, path, report) => {
  kindIsSet(kind, `${path}.kind`, report);
  const field = `${path}.property`;
  if (kind === DimensionKind.PROPERTY) propertyName(property, field, report);
  else if (property !== "") {
    report({ field, description: "Only for DIMENSION_KIND_PROPERTY: else it must be empty." });
  }
};

/** Filters, with those within them. */
export const filters: check.Check<readonly Filter[]> = (list, path, report) => {
  const count = countFilters(list, 1);
  if (count > MAX_FILTERS) {
    report({
      field: path,
      description: `At most ${MAX_FILTERS} filters, those within others included, not ${count}.`,
    });
    return;
  }
  checkFilters(list, path, 1, report);
};

/** How many there are, except for those that are nested too deeply. */
function countFilters(list: readonly Filter[], depth: number): number {
  if (depth > MAX_DEPTH) return list.length;
  return list.reduce((sum, filter) => sum + 1 + countFilters(within(filter), depth + 1), 0);
}

function within({ condition }: Filter): readonly Filter[] {
  if (condition.case === "not") return [condition.value];
  return condition.case === "allOf" || condition.case === "anyOf" ? condition.value.filters : [];
}

function checkFilters(list: readonly Filter[], path: string, depth: number, report: Report): void {
  for (const [index, filter] of list.entries()) {
    checkFilter(filter, `${path}[${index}]`, depth, report);
  }
}

function checkFilter({ condition }: Filter, path: string, depth: number, report: Report): void {
  if (depth > MAX_DEPTH) {
    report({ field: path, description: `At most ${MAX_DEPTH} filters within each other.` });
    return;
  }
  switch (condition.case) {
    case undefined:
      report({
        field: path,
        description: "Required: one of all_of, any_of, not, in and prefix must be set.",
      });
      return;
    case "not":
      checkFilter(condition.value, `${path}.not`, depth + 1, report);
      return;
    case "in":
      requiredDimension(condition.value.dimension, `${path}.in.dimension`, report);
      values(condition.value.values, `${path}.in.values`, report);
      return;
    case "prefix":
      requiredDimension(condition.value.dimension, `${path}.prefix.dimension`, report);
      prefix(condition.value.prefix, `${path}.prefix.prefix`, report);
      return;
    default: {
      const field = `${path}.${condition.case === "allOf" ? "all_of" : "any_of"}.filters`;
      const { filters: inner } = condition.value;
      if (inner.length === 0) report({ field, description: "At least one filter." });
      checkFilters(inner, field, depth + 1, report);
    }
  }
}

function requiredDimension(value: Dimension | undefined, path: string, report: Report): void {
  if (value === undefined) report({ field: path, description: "Required." });
  else dimension(value, path, report);
}
