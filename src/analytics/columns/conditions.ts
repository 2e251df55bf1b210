import type { QueryValue, Span } from "./columns.ts";

/** Conditions of a query, with the values that they compare to. */
export class Conditions {
  readonly #conditions: string[] = [];
  readonly values: QueryValue[] = [];

  get sql(): string {
    return this.#conditions.join(" and ");
  }

  add(condition: string, ...values: readonly QueryValue[]): this {
    this.#conditions.push(condition);
    this.values.push(...values);
    return this;
  }

  addSpan(span: Span): this {
    if (span.from !== undefined) this.add("time >= ?", span.from);
    if (span.to !== undefined) this.add("time < ?", span.to);
    return this;
  }
}
